/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * eeprom: two components write to one EEPROM, each when it likes, and its write-protect line belongs to both.
 *
 * Whoever writes opens a window by a vote, and closes it by another one: the line protects when nobody wants to write. Neither has to know
 * of the other, nor what becomes of the line when the other goes, or when the chip with the line is unplugged. No hardware is needed:
 * the chip is simulated, and the EEPROM looks at its wire.
 */
#include <errno.h>
#include <gpiodref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRITE_PROTECT = 3, LINES = 8, PAGE = 16 };

/* --- the board --- */

static gpiodref_sim *sim;
static int is_plugged;
static char cells[4 * PAGE];

static void plug_in(void)
{
	static const char *const names[LINES] = {[WRITE_PROTECT] = "EEPROM_WP"};
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = "board", .names = names, .num_lines = LINES};

	gpiodref_sim_put(sim);
	sim = gpiodref_sim_new(&config);
	/* A resistor on the board: where nobody drives the line, the EEPROM is protected. */
	if (!sim || gpiodref_sim_set_pull(sim, WRITE_PROTECT, 1)) {
		fprintf(stderr, "eeprom: %s\n", gpiodref_last_error());
		exit(1);
	}
	is_plugged = 1;
}

static void pull_out(void)
{
	gpiodref_sim_remove(sim);
	is_plugged = 0;
}

static int is_protected(void)
{
	return !is_plugged || gpiodref_sim_level(sim, WRITE_PROTECT) == 1;
}

/* What the I2C bus would do: a protected EEPROM does not take it. */
static int program_page(int page, const char *text)
{
	if (is_protected())
		return -EROFS;
	strncpy(cells + page * PAGE, text, PAGE);
	return 0;
}

/* --- the components --- */

/* The line, voted on: protected unless somebody says otherwise. All who share it say the same. */
static gpiodref_desc *share(const char *component)
{
	struct gpiodref_config config = {.size = sizeof(config),
					 .direction = GPIODREF_DIRECTION_OUTPUT,
					 .flags = GPIODREF_FLAG_SHARED,
					 .value = 1};
	gpiodref_desc *wp = gpiodref_request_by_name("EEPROM_WP", &config, component);

	if (!wp) {
		fprintf(stderr, "%s: %s\n", component, gpiodref_last_error());
		exit(1);
	}
	return wp;
}

static int open_window(gpiodref_desc *wp)
{
	return gpiodref_vote(wp, 0);
}

static int close_window(gpiodref_desc *wp)
{
	return gpiodref_vote(wp, 1);
}

static int write_page(gpiodref_desc *wp, int page, const char *text)
{
	int error = open_window(wp);

	if (error)
		return error;
	error = program_page(page, text);
	/* Also where it failed. */
	int again = close_window(wp);
	return error ? error : again;
}

static void show(const char *what, int error)
{
	printf("%s: %s; the EEPROM is %s\n", what, error ? strerror(-error) : "done", is_protected() ? "protected" : "open");
}

int main(void)
{
	plug_in();
	gpiodref_desc *nvmem = share("nvmem"), *updater = share("updater");

	show("nvmem writes without a window", program_page(0, "serial"));
	show("nvmem writes", write_page(nvmem, 0, "serial"));

	/* Windows overlap. */
	show("the updater opens its window", open_window(updater));
	show("nvmem writes meanwhile", write_page(nvmem, 1, "boot count"));
	show("the updater writes", program_page(2, "firmware 2"));
	show("the updater closes its window", close_window(updater));

	/* Who wants it for himself is told who has it. */
	if (!gpiodref_request_by_name("EEPROM_WP", NULL, "a stranger"))
		printf("%s\n", gpiodref_last_error());

	/* A vote goes with who gave it. */
	show("the updater opens its window", open_window(updater));
	gpiodref_put(updater);
	show("the updater ends in the middle", 0);

	/* The chip goes in the middle. */
	show("nvmem opens its window", open_window(nvmem));
	pull_out();
	show("the chip is unplugged", 0);
	show("nvmem writes", program_page(3, "lost"));
	show("nvmem closes its window", close_window(nvmem));
	printf("%s\n", gpiodref_last_error());

	plug_in();
	gpiodref_desc *again = gpiodref_reattach(nvmem);
	gpiodref_put(nvmem);
	if (!again)
		return fprintf(stderr, "eeprom: %s\n", gpiodref_last_error()), 1;
	show("the chip is plugged in again", 0);
	show("nvmem writes", write_page(again, 3, "not lost"));
	gpiodref_put(again); /* the last one: the line is free, and the resistor protects */
	show("nobody has the line", 0);
	printf("in the EEPROM: %s, %s, %s, %s\n", cells, cells + PAGE, cells + 2 * PAGE, cells + 3 * PAGE);

	pull_out();
	gpiodref_sim_put(sim);
}
