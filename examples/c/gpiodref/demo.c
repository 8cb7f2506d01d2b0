/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * demo: what libgpiodref is for, in steps that say what they do (`make demo`), on a simulated chip.
 *
 * Every step checks what it shows; the program fails where the library does not keep its promise.
 */
#include <errno.h>
#include <gpiodref.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WRITE_PROTECT 3
#define POWER 5
#define DOOR 6

#define CORE "the core"
#define DRIVER "the EEPROM's driver"

static gpiodref_sim *sim;

static void step(const char *text)
{
	static int number;

	printf(isatty(1) ? "\n\033[1m%d. %s\033[0m\n" : "\n%d. %s\n", ++number, text);
}

static void expect(int truth, const char *promise)
{
	if (!truth) {
		fprintf(stderr, "demo: not kept: %s (%s)\n", promise, gpiodref_last_error());
		exit(1);
	}
}

/* The chip of the board, plugged in. */
static void plug_in(void)
{
	static const char *const names[8] = {
		[WRITE_PROTECT] = "EEPROM_WP", [POWER] = "SENSOR_POWER", [DOOR] = "DOOR"};
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = "board", .names = names, .num_lines = 8};

	gpiodref_sim_put(sim);
	sim = gpiodref_sim_new(&config);
	expect(sim != NULL, "a simulated chip needs no rights");
}

static void show_level(const char *who, unsigned offset)
{
	printf("   %-34s the wire is %s\n", who, gpiodref_sim_level(sim, offset) ? "high" : "low");
}

/* Puts a reference under the name with which it was taken, for the list of holders. */
static void put_as(const char *who, gpiodref_desc *desc)
{
	gpiodref_set_tag(who);
	gpiodref_put(desc);
	gpiodref_set_tag(NULL);
}

/* A stranger asks for a line, and says what became of it. */
static int stranger_asks(const char *line)
{
	gpiodref_desc *desc = gpiodref_request_by_name(line, NULL, "a stranger");
	int error = desc ? 0 : errno;

	printf("   a stranger asks for it: %s\n", desc ? "it is his" : gpiodref_last_error());
	gpiodref_put(desc);
	return error;
}

/* The core finds the line of the EEPROM; the EEPROM's driver gets a reference of its own. */
static void request_and_hand_over(gpiodref_desc **core, gpiodref_desc **driver)
{
	struct gpiodref_config protected = {
		.size = sizeof(protected), .direction = GPIODREF_DIRECTION_OUTPUT, .value = 1};

	gpiodref_set_tag(CORE);
	*core = gpiodref_lookup("eeprom0", "wp", 0, &protected);
	expect(*core != NULL, "a line is found by what it is for");
	gpiodref_set_tag(DRIVER);
	*driver = gpiodref_get(*core);
	gpiodref_set_tag(NULL);
	expect(*driver == *core, "get returns its argument");
}

static void the_core_lets_go_first(void)
{
	gpiodref_desc *core, *driver;
	char *holders;

	request_and_hand_over(&core, &driver);
	show_level("the core requested EEPROM_WP:", WRITE_PROTECT);
	put_as(CORE, core);
	printf("   the core has put its reference\n");
	expect(gpiodref_set_value(driver, 0) == 0, "who holds a reference has the line");
	expect(gpiodref_sim_level(sim, WRITE_PROTECT) == 0, "the line is driven");
	show_level("the driver allows writing:", WRITE_PROTECT);
	expect(stranger_asks("EEPROM_WP") == EBUSY, "a line that is held is busy");
	expect(gpiodref_holders(&holders) > 0, "holders can be listed");
	for (char *line = strtok(holders, "\n"); line; line = strtok(NULL, "\n"))
		/* Chips are in the list too. */
		if (strstr(line, "gpiodref_desc")) {
			expect(strstr(line, DRIVER) != NULL, "exactly the driver holds it");
			printf("   with tracking on one can ask: %s\n", strstr(line, "held by"));
		}
	gpiodref_free(holders);
	put_as(DRIVER, driver);
	printf("   the driver has put its reference, the last one\n");
	expect(stranger_asks("EEPROM_WP") == 0, "the last put frees the line");
}

static void the_driver_lets_go_first(void)
{
	gpiodref_desc *core, *driver;

	request_and_hand_over(&core, &driver);
	put_as(DRIVER, driver);
	printf("   the driver has put its reference, as it may at any time\n");
	expect(gpiodref_set_value(core, 0) == 0 && gpiodref_sim_level(sim, WRITE_PROTECT) == 0, "the core has the line");
	expect(gpiodref_set_value(core, 1) == 0 && gpiodref_sim_level(sim, WRITE_PROTECT) == 1, "the core has the line");
	show_level("the core protects it again:", WRITE_PROTECT);
	expect(stranger_asks("EEPROM_WP") == EBUSY, "a line that is held is busy");
	put_as(CORE, core);
	expect(stranger_asks("EEPROM_WP") == 0, "the last put frees the line");
}

static void two_vote(void)
{
	struct gpiodref_config off = {.size = sizeof(off),
				      .direction = GPIODREF_DIRECTION_OUTPUT,
				      .flags = GPIODREF_FLAG_SHARED};
	gpiodref_desc *thermometer = gpiodref_request_by_name("SENSOR_POWER", &off, "thermometer");
	gpiodref_desc *barometer = gpiodref_request_by_name("SENSOR_POWER", &off, "barometer");

	expect(thermometer && barometer, "a line can be shared");
	show_level("both have SENSOR_POWER, off:", POWER);
	expect(gpiodref_vote(thermometer, 1) == 0, "a vote is counted");
	expect(gpiodref_sim_level(sim, POWER) == 1, "one vote against the default is enough");
	show_level("the thermometer votes for on:", POWER);
	expect(gpiodref_vote(barometer, 1) == 0 && gpiodref_vote(thermometer, 0) == 0, "a vote is counted");
	expect(gpiodref_sim_level(sim, POWER) == 1, "the other's vote stays");
	show_level("only the barometer does:", POWER);
	gpiodref_put(barometer);
	expect(gpiodref_sim_level(sim, POWER) == 0, "who lets go takes his vote back");
	show_level("the barometer lets go:", POWER);
	gpiodref_put(thermometer);
}

struct waiter {
	pthread_t thread;
	gpiodref_desc *door;
	int edges, end;
};

static void *wait_for_the_door(void *argument)
{
	struct waiter *waiter = argument;
	struct gpiodref_event events[16];
	int number;

	while ((waiter->end = gpiodref_wait(waiter->door, 60 * 1000)) == GPIODREF_WAIT_EVENT)
		while ((number = gpiodref_read_events(waiter->door, events, 16)) > 0)
			waiter->edges += number;
	return NULL;
}

static gpiodref_desc *the_chip_is_pulled_out(void)
{
	struct gpiodref_config edges = {
		.size = sizeof(edges), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_BOTH};
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};
	gpiodref_desc *wp = gpiodref_request_by_name("EEPROM_WP", &output, CORE);
	struct waiter waiter = {.door = gpiodref_request_by_name("DOOR", &edges, "the door bell")};

	expect(wp && waiter.door, "free lines can be requested");
	expect(!pthread_create(&waiter.thread, NULL, wait_for_the_door, &waiter), "a thread can be made");
	usleep(100 * 1000);
	printf("   a thread sleeps until DOOR moves; the door opens, closes, and the chip is pulled out\n");
	gpiodref_sim_set_pull(sim, DOOR, 1);
	gpiodref_sim_set_pull(sim, DOOR, 0);
	expect(gpiodref_sim_remove(sim) == 0, "removing a chip waits for nobody");
	pthread_join(waiter.thread, NULL);
	expect(waiter.edges == 2, "what came before the end is delivered");
	expect(waiter.end == GPIODREF_WAIT_GONE, "a sleeper is told that the chip is gone");
	printf("   the thread got %d edges, and then GONE\n", waiter.edges);
	expect(gpiodref_set_value(wp, 1) == -ENODEV, "operations of a line that has gone fail");
	printf("   setting EEPROM_WP: %s\n", gpiodref_last_error());
	expect(!strcmp(gpiodref_desc_name(wp), "EEPROM_WP") && gpiodref_desc_offset(wp) == WRITE_PROTECT &&
		       !strcmp(gpiodref_desc_consumer(wp), CORE),
	       "a line that has gone still says what it was");
	printf("   it still says what it was: line %u, \"%s\", of \"%s\"\n", gpiodref_desc_offset(wp),
	       gpiodref_desc_name(wp), gpiodref_desc_consumer(wp));
	gpiodref_put(wp);
	return waiter.door;
}

static void it_comes_back(gpiodref_desc *gone)
{
	expect(!gpiodref_reattach(gone) && errno == ENODEV, "a chip that is away cannot be had");
	plug_in();
	expect(gpiodref_get_value(gone) == -ENODEV, "nothing attaches by itself");
	gpiodref_desc *door = gpiodref_reattach(gone);
	expect(door != NULL, "a line is found again by the chip's label and its name");
	gpiodref_put(gone);
	gpiodref_sim_set_pull(sim, DOOR, 1);
	expect(gpiodref_wait(door, 1000) == GPIODREF_WAIT_EVENT, "the new line has edges");
	gpiodref_chip *chip = gpiodref_desc_chip(door);
	printf("   DOOR is found on the chip that is labelled \"%s\" now, and tells edges again\n",
	       gpiodref_chip_label(chip));
	gpiodref_chip_put(chip);
	gpiodref_put(door);
}

int main(void)
{
	char *holders;

	gpiodref_set_tracking(1);
	plug_in();
	expect(gpiodref_table_add("eeprom0", "wp", 0, "board", "EEPROM_WP", 0) == 0, "a table can be filled");

	step("A core requests the EEPROM's write-protect line, hands it to the driver, and lets go");
	the_core_lets_go_first();
	step("The reverse: the driver lets go first");
	the_driver_lets_go_first();
	step("Two components share a line and vote on its value");
	two_vote();
	step("The chip is pulled out under a thread that waits");
	gpiodref_desc *door = the_chip_is_pulled_out();
	step("It is plugged in again");
	it_comes_back(door);

	step("Everything has been put");
	expect(gpiodref_sim_remove(sim) == 0, "a chip can be removed");
	gpiodref_sim_put(sim);
	expect(gpiodref_holders(&holders) == 0, "nothing is held any more");
	gpiodref_free(holders);
	printf("   every line was its holders' until the last of them let go, the chip went under a sleeping thread,\n"
	       "   and nothing is held any more\n");
}
