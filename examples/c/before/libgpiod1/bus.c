/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* bus CHIP VALUE: lines 0 to 3 of a chip as a number, until a line is typed. */
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "usage: bus CHIP VALUE\n"), 1;
	unsigned int offsets[] = {0, 1, 2, 3}, read = 0;
	int levels[4] = {0};
	struct gpiod_line_bulk lines;
	struct gpiod_chip *chip = gpiod_chip_open_lookup(argv[1]);
	if (!chip || gpiod_chip_get_lines(chip, offsets, 4, &lines) ||
	    gpiod_line_request_bulk_output(&lines, "bus", levels))
		return perror(argv[1]), 1;

	for (int i = 0; i < 4; i++)
		levels[i] = strtoul(argv[2], NULL, 0) >> i & 1;
	if (gpiod_line_set_value_bulk(&lines, levels) || gpiod_line_get_value_bulk(&lines, levels))
		return perror(argv[1]), 1;
	for (int i = 0; i < 4; i++)
		read |= levels[i] << i;
	printf("the lines say 0x%x\n", read);
	fflush(stdout);
	getchar();
	gpiod_chip_close(chip);
}
