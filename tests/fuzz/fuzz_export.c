/* A target of libFuzzer; `make fuzz`. */
#include "tests/fuzz/one_export.h"

int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{

	one_export_input(data, size);
	return (0);
}
