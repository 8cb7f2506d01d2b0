/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* copy IN OUT: at each line that is typed a lamp gets what a button says, which is pressed when its wire is low. */
#include "find.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "usage: copy IN OUT\n"), 1;
	int in_offset, out_offset;
	struct gpiod_chip *in_chip = find_chip(argv[1], &in_offset), *out_chip = find_chip(argv[2], &out_offset);
	if (!in_chip || !out_chip)
		return fprintf(stderr, "%s: no such line\n", in_chip ? argv[2] : argv[1]), 1;
	unsigned int in_line = in_offset, out_line = out_offset;

	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
	gpiod_line_settings_set_bias(settings, GPIOD_LINE_BIAS_PULL_UP);
	gpiod_line_settings_set_active_low(settings, true);
	struct gpiod_line_request *in = request(in_chip, &in_line, 1, settings, "copy");
	if (!in)
		return perror(argv[1]), 1;
	settings = gpiod_line_settings_new();
	gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
	struct gpiod_line_request *out = request(out_chip, &out_line, 1, settings, "copy");
	if (!out)
		return perror(argv[2]), 1;
	gpiod_chip_close(in_chip);
	gpiod_chip_close(out_chip);

	do {
		enum gpiod_line_value value = gpiod_line_request_get_value(in, in_line);

		if (value == GPIOD_LINE_VALUE_ERROR || gpiod_line_request_set_value(out, out_line, value))
			return perror("copy"), 1;
		printf("%s is %s\n", argv[1], value == GPIOD_LINE_VALUE_ACTIVE ? "pressed" : "released");
		fflush(stdout);
	} while (getchar() != EOF);
	gpiod_line_request_release(in);
	gpiod_line_request_release(out);
}
