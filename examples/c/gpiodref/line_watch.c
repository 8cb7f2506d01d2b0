/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * line_watch CHIP: who requests, releases and configures lines of a chip, in this program and in others, until the chip goes.
 *
 * With -s instead of a chip it is a simulated one, of which a line is requested, released and taken away for show.
 */
#include <gpiodref.h>
#include <stdio.h>
#include <string.h>

static void print(const struct gpiodref_info_event *event)
{
	static const char *const changes[] = {[GPIODREF_CHANGE_REQUESTED] = "requested",
					      [GPIODREF_CHANGE_RELEASED] = "released",
					      [GPIODREF_CHANGE_RECONFIGURED] = "configured anew"};
	const struct gpiodref_line_info *line = &event->info;

	printf("line %u %s: %s%s%s\n", line->offset, line->name, changes[event->change], *line->consumer ? " by " : "",
	       line->consumer);
}

static void print_all(gpiodref_watch *watch)
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	while (gpiodref_watch_read(watch, &event) > 0)
		print(&event);
}

/* Until the chip goes: GPIODREF_WAIT_GONE, or a negative errno. */
static int watch_all(gpiodref_chip *chip)
{
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	int end = watch ? GPIODREF_WAIT_EVENT : -1;

	while (end == GPIODREF_WAIT_EVENT) {
		print_all(watch);
		end = gpiodref_watch_wait(watch, -1);
	}
	gpiodref_watch_put(watch);
	return end;
}

static int show(void)
{
	const char *names[] = {"LED"};
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = "show", .names = names, .num_lines = 1};
	gpiodref_sim *sim = gpiodref_sim_new(&config);
	gpiodref_chip *chip = gpiodref_sim_chip(sim);
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);

	gpiodref_put(gpiodref_request(chip, 0, NULL, "somebody"));
	print_all(watch);
	gpiodref_sim_remove(sim);
	int gone = gpiodref_watch_wait(watch, -1) == GPIODREF_WAIT_GONE;
	printf("%s\n", gone ? "the chip has gone" : gpiodref_last_error());
	gpiodref_watch_put(watch);
	gpiodref_chip_put(chip);
	gpiodref_sim_put(sim);
	return !gone;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: line_watch -s | CHIP\n"), 1;
	if (!strcmp(argv[1], "-s"))
		return show();
	setvbuf(stdout, NULL, _IOLBF, 0);
	gpiodref_chip *chip = gpiodref_chip_open(argv[1]);
	int end = chip ? watch_all(chip) : -1;

	gpiodref_chip_put(chip);
	if (end != GPIODREF_WAIT_GONE)
		return fprintf(stderr, "line_watch: %s\n", gpiodref_last_error()), 1;
	printf("the chip has gone\n");
}
