/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* write_protect: a component finds its line by what it is for, and holds it for as long as it likes. No hardware is needed. */
#include <gpiodref.h>
#include <stdio.h>

/* The component: knows the board's "wp" of "eeprom0", and neither chip nor number nor polarity. */
static gpiodref_desc *eeprom_probe(gpiodref_desc *given)
{
	return gpiodref_get(given); /* its own reference */
}

int main(void)
{
	const char *names[] = {"LED", "EEPROM_WP"};
	struct gpiodref_chip_config board = {
		.size = sizeof(board), .label = "board", .names = names, .num_lines = 2};
	struct gpiodref_config protect = {
		.size = sizeof(protect), .direction = GPIODREF_DIRECTION_OUTPUT, .value = 1};
	gpiodref_sim *sim = gpiodref_sim_new(&board);

	gpiodref_table_add("eeprom0", "wp", 0, "board", "EEPROM_WP", GPIODREF_FLAG_ACTIVE_LOW);
	gpiodref_desc *found = gpiodref_lookup("eeprom0", "wp", 0, &protect);
	if (!found)
		return fprintf(stderr, "%s\n", gpiodref_last_error()), 1;

	gpiodref_desc *wp = eeprom_probe(found);
	gpiodref_put(found); /* who found it does not need it any more; the component does */
	gpiodref_set_value(wp, 0);
	printf("%s is still the component's: level %d\n", gpiodref_desc_name(wp), gpiodref_sim_level(sim, 1));
	gpiodref_put(wp); /* the last one: now the line is free */

	gpiodref_sim_remove(sim);
	gpiodref_sim_put(sim);
}
