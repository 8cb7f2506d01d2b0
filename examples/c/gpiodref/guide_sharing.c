/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* guide_sharing: components find a line by what it is for, and share it (docs/guide/gpiodref). */
#include <errno.h>
#include <gpiodref.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void give_up(void)
{
	fprintf(stderr, "%s\n", gpiodref_last_error());
	exit(1);
}

/* What knows the board: which line is for what, and which are inverted. From a file, a devicetree, or as here from the code. */
static void describe_board(void)
{
	if (gpiodref_table_add("eeprom0", "wp", 0, "board", "EEPROM_WP", GPIODREF_FLAG_ACTIVE_LOW | GPIODREF_FLAG_SHARED) < 0)
		give_up();
}

/* What a component asks for knows neither chip, nor number, nor polarity. */
static gpiodref_desc *write_protect(void)
{
	struct gpiodref_config protect = {.size = sizeof(protect), .direction = GPIODREF_DIRECTION_OUTPUT, .value = 1};
	gpiodref_desc *wp = gpiodref_lookup("eeprom0", "wp", 0, &protect);

	if (!wp)
		give_up();
	return wp;
}

static void show(gpiodref_sim *sim, const char *when)
{
	printf("%s: the level is %d, writes are %s\n", when, gpiodref_sim_level(sim, 0),
	       gpiodref_sim_level(sim, 0) ? "possible" : "refused");
}

int main(void)
{
	const char *names[] = {"EEPROM_WP"};
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "board", .names = names, .num_lines = 1};
	gpiodref_sim *sim = gpiodref_sim_new(&config);

	if (!sim)
		give_up();
	describe_board();
	gpiodref_desc *driver = write_protect(), *updater = write_protect();
	show(sim, "both have it");

	/* One vote for something else than what it was first is enough: there is no veto, and nobody has to come to an agreement. */
	if (gpiodref_vote(updater, 0) < 0)
		give_up();
	show(sim, "the updater votes for writing");
	if (gpiodref_vote(driver, 1) < 0)
		give_up();
	show(sim, "the driver votes as it was");
	gpiodref_put(updater); /* which takes its vote back */
	show(sim, "the updater has gone");
	gpiodref_put(driver);

	/* Who wants to know whether it is still there, and not to keep it, has a weak handle. */
	gpiodref_desc *wp = write_protect();
	gpiodref_weak *weak = gpiodref_downgrade(wp);
	gpiodref_put(wp);
	wp = gpiodref_upgrade(weak);
	printf("after the last put: %s\n", wp ? "still there" : "released");
	gpiodref_weak_put(weak);

	/* Some boards have it and some do not: NULL without an error, which every function takes or refuses in the ordinary way. */
	gpiodref_desc *power = gpiodref_lookup_optional("eeprom0", "power", 0, NULL);
	if (!power && errno)
		give_up();
	printf("this board has %s line for the EEPROM's power\n", power ? "a" : "no");
	gpiodref_put(power);

	gpiodref_table_remove("eeprom0", "wp", 0);
	gpiodref_sim_remove(sim);
	gpiodref_sim_put(sim);
}
