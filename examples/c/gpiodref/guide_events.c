/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_events: a button in a program's poll() loop, whose chip is unplugged and comes back (docs/guide/gpiodref). What a user does with
 * button and cable, a thread does with a simulated chip.
 */
#include <errno.h>
#include <gpiodref.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Noreturn void give_up(void)
{
	fprintf(stderr, "%s\n", gpiodref_last_error());
	exit(1);
}

static gpiodref_sim *plug_in(void)
{
	const char *names[] = {"BUTTON"};
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "keypad", .names = names, .num_lines = 1};

	return gpiodref_sim_new(&config);
}

static void unplug(gpiodref_sim *sim)
{
	gpiodref_sim_remove(sim);
	gpiodref_sim_put(sim);
}

static void press(gpiodref_sim *sim)
{
	gpiodref_sim_set_pull(sim, 0, 1);
	gpiodref_sim_set_pull(sim, 0, 0);
}

/* Until somebody has the line with edge detection: edges before that are told to nobody. */
static void wait_for_program(gpiodref_sim *sim)
{
	struct gpiodref_line_info info = {.size = sizeof(info)};
	gpiodref_chip *chip = gpiodref_sim_chip(sim);

	while (!gpiodref_line_info(chip, 0, &info) && info.edge == GPIODREF_EDGE_NONE)
		usleep(1000);
	gpiodref_chip_put(chip);
}

static void *user(void *plugged_in)
{
	gpiodref_sim *sim = plugged_in;

	press(sim);
	usleep(100 * 1000);
	press(sim);
	unplug(sim); /* at once: these two edges are still told */
	usleep(200 * 1000);
	sim = plug_in();
	if (!sim)
		give_up();
	wait_for_program(sim);
	press(sim);
	return sim;
}

/* Reads what is there, and counts it: true until the chip has gone and all that came before has been read. */
static bool read_all(gpiodref_desc *button, int *told)
{
	struct gpiodref_event events[16];
	int count;

	while ((count = gpiodref_read_events(button, events, 16)) > 0) {
		for (int i = 0; i < count; i++)
			printf("%s, number %u\n", events[i].type == GPIODREF_EVENT_RISING ? "pressed" : "released",
			       events[i].line_seqno);
		*told += count;
	}
	if (count < 0 && count != -ENODEV)
		give_up();
	return count == 0;
}

int main(void)
{
	struct gpiodref_config edges = {
		.size = sizeof(edges), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_BOTH};
	gpiodref_sim *sim = plug_in();
	gpiodref_desc *button = gpiodref_request_by_name("BUTTON", &edges, "keypad");
	pthread_t thread;
	int told = 0;

	if (!sim || !button)
		give_up();
	pthread_create(&thread, NULL, user, sim);
	for (bool there = true; told < 6;) { /* three times pressed and released */
		/* While it is there, its file descriptor wakes the loop; while it is not, the loop looks for it now and then. */
		struct pollfd wait = {.fd = there ? gpiodref_fd(button) : -1, .events = POLLIN};

		if (poll(&wait, 1, there ? -1 : 20) < 0)
			return perror("poll"), 1;
		if (there) {
			there = read_all(button, &told);
			if (!there)
				printf("unplugged; it was %s of %s\n", gpiodref_desc_name(button), "keypad");
		} else {
			gpiodref_desc *again = gpiodref_reattach(button);
			if (!again && errno != ENODEV)
				give_up();
			if (again) {
				gpiodref_put(button);
				button = again;
				there = true;
				printf("it is back\n");
			}
		}
	}

	void *last;
	pthread_join(thread, &last);
	gpiodref_put(button);
	unplug(last);
}
