/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who holds what: the list of holders, and references that are put too often (K6). */
#include "fixtures.h"

/* The report, "" if there is nothing in it; valid until the next. */
static const char *report(void)
{
	static char text[8192];
	char *told = NULL;
	int lines = gpiodref_holders(&told), ends = 0;

	ok(lines >= 0);
	snprintf(text, sizeof(text), "%s", told);
	gpiodref_free(told);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		ends++;
	ok_int(ends, lines);
	return text;
}

static void plug_tracked(uint32_t level)
{
	/* What a test that failed has left is forgotten. */
	ok0(gpiodref_set_tracking(0));
	plug();
	ok0(gpiodref_set_tracking(level));
	ok_str(report(), "");
}

static void done(void)
{
	ok0(gpiodref_set_tag(NULL));
	ok0(gpiodref_set_tracking(0));
	unplug_and_let_go();
}

TEST("K6 nothing is recorded while tracking is off, and what was is forgotten with it")
{
	plug();
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	ok_str(report(), "");
	ok0(gpiodref_set_tracking(1));
	/* Only what is taken from now on. */
	ok_str(report(), "");
	gpiodref_desc *more = gpiodref_get(desc);
	ok_contains(report(), ": 1 × gpiodref_desc held by (no tag) (thread ");
	ok0(gpiodref_set_tracking(0));
	ok_str(report(), "");
	ok0(gpiodref_set_tracking(1));
	gpiodref_put(more);
	gpiodref_put(desc);
	ok_str(report(), "");
	done();
}

TEST("K6 each reference is listed with the tag of its taker, as often as he took it")
{
	plug_tracked(1);
	ok0(gpiodref_set_tag("nvmem"));
	gpiodref_desc *wp = request(1, OUTPUT(), "nvmem");
	ok0(gpiodref_set_tag("eeprom"));
	gpiodref_get(wp);
	gpiodref_get(wp);
	ok_contains(report(), ": 1 × gpiodref_desc held by nvmem (thread ");
	ok_contains(report(), ": 2 × gpiodref_desc held by eeprom (thread ");
	gpiodref_put(wp);
	ok_contains(report(), ": 1 × gpiodref_desc held by eeprom (thread ");
	gpiodref_put(wp);
	ok(!strstr(report(), "eeprom"));
	ok0(gpiodref_set_tag("nvmem"));
	gpiodref_put(wp);
	ok_str(report(), "");
	done();
}

TEST("K6 whatever is counted is tracked")
{
	plug_tracked(1);
	ok0(gpiodref_set_tag("all"));
	gpiodref_chip *of = gpiodref_sim_chip(board);
	ok_contains(report(), ": 1 × gpiodref_chip held by all");
	gpiodref_chip_put(of);
	ok_str(report(), "");
	ok(gpiodref_sim_get(board) == board);
	ok_contains(report(), ": 1 × gpiodref_sim held by all");
	gpiodref_sim_put(board);
	ok_str(report(), "");
	gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){0, 1}, 2, NULL, "group");
	ok_contains(report(), ": 1 × gpiodref_group held by all");
	gpiodref_group_put(group);
	ok_str(report(), "");
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	ok_contains(report(), ": 1 × gpiodref_watch held by all");
	gpiodref_watch_put(watch);
	ok_str(report(), "");
	gpiodref_desc *desc = request(0, OUTPUT(.flags = SHARED), "one"), *other = request(0, OUTPUT(.flags = SHARED), "two");
	ok_contains(report(), ": 1 × gpiodref_desc held by all");
	gpiodref_put(desc);
	ok_contains(report(), ": 1 × gpiodref_desc held by all");
	gpiodref_put(other);
	ok_str(report(), "");
	done();
}

static int take(void *desc)
{
	pthread_setname_np(pthread_self(), "taker");
	return gpiodref_set_tag("worker") || !gpiodref_get(desc);
}

TEST("K6 each thread has a tag of its own, and is named with its number")
{
	struct call call;

	ok0(pthread_setname_np(pthread_self(), "giver"));
	plug_tracked(1);
	ok0(gpiodref_set_tag("main"));
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	call_start(&call, take, desc);
	ok0(call_end(&call, UINT64_MAX));
	ok_contains(report(), "held by worker (thread taker ");
	char own[64];
	snprintf(own, sizeof(own), "held by main (thread giver %d)", getpid());
	ok_contains(report(), own);
	gpiodref_put(desc);
	gpiodref_put(desc);
	ok_str(report(), "");
	done();
}

TEST("K6 at level 2 the list says where a reference was taken")
{
	plug();
	ok0(gpiodref_set_tracking(2));
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	char *told;
	ok(gpiodref_holders(&told) > 2);
	ok_contains(told, ": 1 × gpiodref_desc held by (no tag)");
	/* Under valgrind there are no names to be found. */
	if (!under_valgrind())
		ok_contains(told, "gpiodref_request");
	gpiodref_free(told);
	gpiodref_put(desc);
	done();
}

/* What the library said last, and how often it said something. */
static char said[1024];
static int messages;

static void listen(int level, const char *message, void *unused)
{
	(void)level, (void)unused;
	snprintf(said, sizeof(said), "%s", message);
	messages++;
}

static void listen_from_now(void)
{
	ok0(gpiodref_set_log_callback(listen, NULL, NULL));
	said[0] = 0;
	messages = 0;
}

TEST("K6 G2 one put too many is found and does nothing, whatever it is that is put")
{
	plug_tracked(1);
	listen_from_now();
	ok0(gpiodref_set_tag("first"));
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	gpiodref_group *group = gpiodref_request_group(chip, (unsigned[]){1, 2}, 2, NULL, "group");
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	ok(group && watch);
	gpiodref_put(desc);
	gpiodref_group_put(group);
	gpiodref_watch_put(watch);
	ok_int(messages, 0);
	ok0(gpiodref_set_tag("second"));
	gpiodref_put(desc);
	ok_int(messages, 1);
	ok_contains(said, "put by second after it was released, by first; nothing was done");
	gpiodref_group_put(group);
	ok_int(messages, 2);
	gpiodref_watch_put(watch);
	ok_int(messages, 3);
	for (unsigned offset = 0; offset < 3; offset++)
		ok_holder(offset, "");
	ok_str(report(), "");
	ok0(gpiodref_set_log_callback(NULL, NULL, NULL));
	done();
}

TEST("K6 G2 who puts what another one took is named, as long as both have a tag")
{
	plug_tracked(1);
	listen_from_now();
	ok0(gpiodref_set_tag("owner"));
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	gpiodref_get(desc);
	ok0(gpiodref_set_tag("thief"));
	gpiodref_put(desc);
	ok_int(messages, 1);
	ok_contains(said, "put by thief, who holds none; owner loses the reference");
	/* Without a tag it may have been handed over. */
	ok0(gpiodref_set_tag(NULL));
	gpiodref_put(desc);
	ok_int(messages, 1);
	ok_holder(0, "");
	ok0(gpiodref_set_log_callback(NULL, NULL, NULL));
	done();
}

TEST("K6 what a program has not put when it ends is in the list, also when the chip has gone")
{
	plug_tracked(1);
	ok0(gpiodref_set_tag("leak"));
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	ok0(gpiodref_set_tag(NULL));
	unplug();
	ok_contains(report(), ": 1 × gpiodref_desc held by leak");
	gpiodref_put(desc);
	ok_str(report(), "");
	ok0(gpiodref_set_tracking(0));
	let_go();
}

TEST("K6 HOLDFAST_TRACK tracks from the start")
{
	if (!getenv("HOLDFAST_TRACK")) {
		ok0(again_with("HOLDFAST_TRACK", "K6 HOLDFAST_TRACK"));
		return;
	}
	plug();
	ok_contains(report(), " × gpiodref_chip held by (no tag)");
	unplug_and_let_go();
}

enum { THREADS = 4, ROUNDS = 200 };

static int come_and_go(void *data)
{
	char tag[16];

	snprintf(tag, sizeof(tag), "thread %ld", (long)data);
	if (gpiodref_set_tag(tag))
		return -1;
	for (int round = 0; round < ROUNDS; round++) {
		gpiodref_desc *desc = gpiodref_request(chip, (long)data, OUTPUT(), tag);
		char *told;

		if (!desc || gpiodref_get(desc) != desc)
			return -2;
		if (gpiodref_holders(&told) < 1 || !strstr(told, tag))
			return -3;
		gpiodref_free(told);
		gpiodref_put(desc);
		gpiodref_put(desc);
	}
	return 0;
}

TEST("K6 G10 many take and put while it is tracked, and in the end nothing is left")
{
	struct call calls[THREADS];

	plug_tracked(1);
	listen_from_now();
	for (long i = 0; i < THREADS; i++)
		call_start(&calls[i], come_and_go, (void *)i);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	ok_str(report(), "");
	ok_int(messages, 0);
	ok0(gpiodref_set_log_callback(NULL, NULL, NULL));
	done();
}
