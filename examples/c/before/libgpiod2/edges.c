/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* edges LINE: prints the edges of a line, until its chip goes. */
#include <errno.h>

#include "find.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: edges LINE\n"), 1;
	int found;
	struct gpiod_chip *chip = find_chip(argv[1], &found);
	if (!chip)
		return fprintf(stderr, "%s: no such line\n", argv[1]), 1;
	unsigned int offset = found;

	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
	gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
	struct gpiod_line_request *line = request(chip, &offset, 1, settings, "edges");
	struct gpiod_edge_event_buffer *events = gpiod_edge_event_buffer_new(16);
	if (!line || !events)
		return perror(argv[1]), 1;
	gpiod_chip_close(chip);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");

	for (;;) {
		/* Without a wait before it, this sleeps in read(), and keeps the driver of the chip from being removed. */
		int number = gpiod_line_request_wait_edge_events(line, -1);
		if (number > 0)
			number = gpiod_line_request_read_edge_events(line, events, 16);
		if (number < 0)
			break;
		for (int i = 0; i < number; i++) {
			struct gpiod_edge_event *event = gpiod_edge_event_buffer_get_event(events, i);
			int rising = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
			printf("%s\n", rising ? "rising" : "falling");
		}
	}
	/* Whether there was an event or the chip is gone, only the read has told. */
	printf(errno == ENODEV ? "gone\n" : "failed\n");
	gpiod_edge_event_buffer_free(events);
	gpiod_line_request_release(line);
}
