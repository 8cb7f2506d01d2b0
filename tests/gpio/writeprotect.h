/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The write-protect story (G2, G4), on every board: a provider requests the EEPROM's write-protect line and hands it to the
 * EEPROM. Each puts it when he likes, the line is free with the last put, and one put too many is found.
 */
#ifndef GPIO_WRITEPROTECT_H
#define GPIO_WRITEPROTECT_H

/* Takes a reference of its own. */
struct eeprom {
	gpiodref_desc *wp;
};

static void eeprom_start(struct eeprom *eeprom, gpiodref_desc *wp)
{
	ok0(gpiodref_set_tag("eeprom"));
	eeprom->wp = gpiodref_get(wp);
	ok0(gpiodref_set_tag("nvmem"));
	ok(eeprom->wp == wp);
}

static void eeprom_write(struct eeprom *eeprom)
{
	ok0(gpiodref_set_value(eeprom->wp, 0));
	ok_int(level(1), 0);
	ok0(gpiodref_set_value(eeprom->wp, 1));
	ok_int(level(1), 1);
}

static void eeprom_stop(struct eeprom *eeprom)
{
	ok0(gpiodref_set_tag("eeprom"));
	gpiodref_put(eeprom->wp);
	ok0(gpiodref_set_tag("nvmem"));
}

TEST("G2 write-protect: the provider goes first, and the EEPROM still drives the line")
{
	struct eeprom eeprom;

	plug();
	struct account before = account();
	gpiodref_desc *wp = request(1, OUTPUT(.value = 1), "nvmem");
	eeprom_start(&eeprom, wp);
	eeprom_write(&eeprom);
	gpiodref_put(wp);
	eeprom_write(&eeprom);
	ok_holder(1, "nvmem");
	ok_errno(gpiodref_request(chip, 1, NULL, "intruder"), EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"nvmem\"");
	eeprom_stop(&eeprom);
	ok_holder(1, "");
	gpiodref_put(request(1, NULL, "next"));
	ok_same(before);
	unplug_and_let_go();
}

TEST("G2 write-protect: the EEPROM goes first, and the provider still drives the line; and another EEPROM comes")
{
	struct eeprom eeprom;

	plug();
	struct account before = account();
	gpiodref_desc *wp = request(1, OUTPUT(.value = 1), "nvmem");
	eeprom_start(&eeprom, wp);
	eeprom_stop(&eeprom);
	ok_holder(1, "nvmem");
	ok0(gpiodref_set_value(wp, 0));
	ok_int(level(1), 0);
	eeprom_start(&eeprom, wp);
	eeprom_write(&eeprom);
	eeprom_stop(&eeprom);
	ok_int(gpiodref_get_value(wp), 1);
	gpiodref_put(wp);
	ok_holder(1, "");
	ok_same(before);
	unplug_and_let_go();
}

TEST("G2 G4 write-protect: the chip goes while both hold the line, and they go in either order")
{
	for (int provider_first = 0; provider_first < 2; provider_first++) {
		struct account before = account();
		struct eeprom eeprom;

		plug();
		gpiodref_desc *wp = request(1, OUTPUT(.value = 1), "nvmem");
		eeprom_start(&eeprom, wp);
		unplug_and_let_go();
		ok_int(gpiodref_set_value(eeprom.wp, 0), -ENODEV);
		if (provider_first) {
			gpiodref_put(wp);
			ok_str(gpiodref_desc_name(eeprom.wp), "EEPROM_WP");
			eeprom_stop(&eeprom);
		} else {
			eeprom_stop(&eeprom);
			ok_str(gpiodref_desc_name(wp), "EEPROM_WP");
			gpiodref_put(wp);
		}
		ok_same(before);
	}
}

/* What the library said. */
static char said[1024];

static void listen(int severity, const char *message, void *unused)
{
	(void)unused;
	ok(severity <= 4);
	snprintf(said, sizeof(said), "%s", message);
}

TEST("G2 K6 write-protect: who puts twice is found, and the line is not taken from who still has it")
{
	struct eeprom eeprom;

	plug();
	struct account before = account();
	ok0(gpiodref_set_log_callback(listen, NULL, NULL));
	gpiodref_desc *wp = request(1, OUTPUT(.value = 1), "nvmem");
	eeprom_start(&eeprom, wp);
	char *report;
	ok(gpiodref_holders(&report) > before.holders);
	ok_contains(report, "gpiodref_desc held by nvmem");
	ok_contains(report, "gpiodref_desc held by eeprom");
	gpiodref_free(report);

	/* The second put of the EEPROM takes the provider's reference, and says so. */
	said[0] = 0;
	eeprom_stop(&eeprom);
	ok_str(said, "");
	ok_holder(1, "nvmem");
	eeprom_stop(&eeprom);
	ok_contains(said, "put by eeprom, who holds none; nvmem loses the reference");
	ok_holder(1, "");
	/* So the provider's own is one too many, and does nothing. */
	gpiodref_put(wp);
	ok_contains(said, "put by nvmem after it was released, by eeprom; nothing was done");
	ok_holder(1, "");
	ok0(gpiodref_set_log_callback(NULL, NULL, NULL));
	ok0(gpiodref_set_tag(NULL));
	ok_same(before);
	unplug_and_let_go();
}

#endif
