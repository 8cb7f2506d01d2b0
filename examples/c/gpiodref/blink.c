/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* blink LINE [TIMES]: a line is an output for as long as it is held. */
#include <gpiodref.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		return fprintf(stderr, "usage: blink LINE [TIMES]\n"), 1;
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};
	gpiodref_desc *led = gpiodref_request_by_name(argv[1], &output, "blink");
	int times = argc > 2 ? atoi(argv[2]) : 10, error = led ? 0 : -1;

	for (int i = 0; i < 2 * times && !error; i++) {
		error = gpiodref_set_value(led, i % 2 == 0);
		usleep(100 * 1000);
	}
	if (error)
		fprintf(stderr, "blink: %s\n", gpiodref_last_error());
	gpiodref_put(led); /* now it is free */
	return error != 0;
}
