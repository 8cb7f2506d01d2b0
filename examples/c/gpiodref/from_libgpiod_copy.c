/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_libgpiod_copy IN OUT: at each line that is typed a lamp gets what a button says, which is pressed when its wire is low. */
#include <gpiodref.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "usage: from_libgpiod_copy IN OUT\n"), 1;
	struct gpiodref_config input = {.size = sizeof(input),
					.direction = GPIODREF_DIRECTION_INPUT,
					.bias = GPIODREF_BIAS_PULL_UP,
					.flags = GPIODREF_FLAG_ACTIVE_LOW};
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};

	gpiodref_desc *in = gpiodref_request_by_name(argv[1], &input, "copy");
	gpiodref_desc *out = in ? gpiodref_request_by_name(argv[2], &output, "copy") : NULL;
	if (!out)
		return fprintf(stderr, "copy: %s\n", gpiodref_last_error()), 1;
	do {
		int value = gpiodref_get_value(in);

		if (value < 0 || gpiodref_set_value(out, value) < 0)
			return fprintf(stderr, "copy: %s\n", gpiodref_last_error()), 1;
		printf("%s is %s\n", argv[1], value ? "pressed" : "released");
		fflush(stdout);
	} while (getchar() != EOF);
	gpiodref_put(in);
	gpiodref_put(out);
}
