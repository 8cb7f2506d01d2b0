/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_libgpiod_bus CHIP VALUE: lines 0 to 3 of a chip as a number, until a line is typed. */
#include <gpiodref.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "usage: from_libgpiod_bus CHIP VALUE\n"), 1;
	const unsigned int offsets[] = {0, 1, 2, 3};
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};
	uint64_t read;

	gpiodref_chip *chip = gpiodref_chip_open(argv[1]);
	gpiodref_group *lines = chip ? gpiodref_request_group(chip, offsets, 4, &output, "bus") : NULL;
	gpiodref_chip_put(chip); /* the group holds it */
	/* Bit n is line n of the offsets. */
	if (!lines || gpiodref_group_set_values(lines, 0xf, strtoul(argv[2], NULL, 0)) < 0 ||
	    gpiodref_group_get_values(lines, 0xf, &read) < 0)
		return fprintf(stderr, "bus: %s\n", gpiodref_last_error()), 1;

	printf("the lines say 0x%x\n", (unsigned int)read);
	fflush(stdout);
	getchar();
	gpiodref_group_put(lines);
}
