#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/vault/own_site.h"
#include "core/vault/own_text.h"

#define PATH_MAX_LEN	160

/* Where a path of ours may begin: behind no letter, digit or other slash. */
static bool
begins(size_t i)
{

	return (own_text[i] == '/' && (i == 0 ||
	    (!isalnum(own_text[i - 1]) && own_text[i - 1] != '/' &&
	    own_text[i - 1] != '.' && own_text[i - 1] != '<')) &&
	    i + 1 < own_text_len && islower(own_text[i + 1]));
}

static size_t
path_len(size_t i)
{
	size_t n = 0;

	while (i + n < own_text_len && n < PATH_MAX_LEN &&
	    (isalnum(own_text[i + n]) ||
	    memchr("/_.:-?=&#", own_text[i + n], 9) != NULL))
		n++;
	return (n);
}

/* All of them behind ${head}; ${out} NULL: how long that is. */
static size_t
join(const char * head, size_t head_len, unsigned char * out)
{
	size_t i, n, len = 0;

	for (i = 0; i < own_text_len; i++) {
		if (!begins(i))
			continue;
		n = path_len(i);
		if (out != NULL) {
			memcpy(&out[len], head, head_len);
			memcpy(&out[len + head_len], &own_text[i], n);
			out[len + head_len + n] = '\n';
		}
		len += head_len + n + 1;
		i += n - 1;
	}
	return (len);
}

/** own_site_new(address, out): our paths behind it. */
enum sr_error
own_site_new(const char * address, struct own_site * out)
{
	size_t head = strlen(address);

	while (head > 0 && address[head - 1] == '/')
		head--;
	out->len = join(address, head, NULL);
	if ((out->text = malloc(out->len + 1)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	(void)join(address, head, out->text);
	return (SR_OK);
}

/** own_site_free(own): release. */
void
own_site_free(struct own_site * own)
{

	free(own->text);
	*own = (struct own_site){ NULL, 0 };
}
