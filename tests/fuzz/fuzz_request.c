/* A target of libFuzzer; `make fuzz`. */
#include "tests/fuzz/one_request.h"

int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{

	one_request_input(data, size);
	return (0);
}
