/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* bus CHIP VALUE: lines 0 to 3 of a chip as a number, until a line is typed. */
#include "find.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "usage: bus CHIP VALUE\n"), 1;
	const unsigned int offsets[] = {0, 1, 2, 3};
	enum gpiod_line_value levels[4];
	unsigned int read = 0;
	struct gpiod_chip *chip = find_chip(argv[1], NULL);
	if (!chip)
		return fprintf(stderr, "%s: no such chip\n", argv[1]), 1;
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
	struct gpiod_line_request *lines = request(chip, offsets, 4, settings, "bus");
	if (!lines)
		return perror(argv[1]), 1;
	gpiod_chip_close(chip);

	for (int i = 0; i < 4; i++)
		levels[i] = strtoul(argv[2], NULL, 0) >> i & 1 ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
	if (gpiod_line_request_set_values(lines, levels) || gpiod_line_request_get_values(lines, levels))
		return perror(argv[1]), 1;
	for (int i = 0; i < 4; i++)
		read |= (levels[i] == GPIOD_LINE_VALUE_ACTIVE) << i;
	printf("the lines say 0x%x\n", read);
	fflush(stdout);
	getchar();
	gpiod_line_request_release(lines);
}
