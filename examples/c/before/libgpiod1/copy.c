/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* copy IN OUT: at each line that is typed a lamp gets what a button says, which is pressed when its wire is low. */
#include <gpiod.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "usage: copy IN OUT\n"), 1;
	struct gpiod_line *in = gpiod_line_find(argv[1]), *out = gpiod_line_find(argv[2]);
	if (!in || !out)
		return perror(in ? argv[2] : argv[1]), 1;
	if (gpiod_line_request_input_flags(in, "copy",
					   GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP))
		return perror(argv[1]), 1;
	if (gpiod_line_request_output(out, "copy", 0))
		return perror(argv[2]), 1;
	do {
		int value = gpiod_line_get_value(in);

		if (value < 0 || gpiod_line_set_value(out, value))
			return perror("copy"), 1;
		printf("%s is %s\n", argv[1], value ? "pressed" : "released");
		fflush(stdout);
	} while (getchar() != EOF);
	gpiod_line_close_chip(in);
	gpiod_line_close_chip(out);
}
