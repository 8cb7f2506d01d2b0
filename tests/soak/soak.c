/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * soak BOARDS ROUNDS: applies and removes overlays in every order, holding nodes across removals, and checks that the
 * bytes in use do not grow and the tree is restored to the byte. (O5, O14, O18)
 */
#include <errno.h>
#include <malloc.h>
#include <ovl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* By then every pool, cache and thread-local buffer has its size. */
#define WARM_UP 1000
/* The sentence of the last error has an id in it, which grows; a leak of one byte a round is far more. */
#define SLACK 256

static _Noreturn void fail(long round, const char *what)
{
	printf("soak: round %ld: %s (%s)\n", round, what, ovl_last_error());
	exit(1);
}

struct overlay {
	const char *name, *node;
	char blob[1 << 14];
	size_t size;
	int id;
	ovl_node *held;
};

static struct overlay overlays[] = {
	{.name = "sensor-hat.dtbo", .node = "/soc/i2c@30000/thermometer@48"},
	{.name = "display.dtbo", .node = "/soc/spi@40000/display@0"},
};
enum { N = sizeof(overlays) / sizeof(*overlays) };

static void apply(ovl_tree *tree, struct overlay *overlay, long round)
{
	if (ovl_overlay_apply(tree, overlay->blob, overlay->size, NULL, &overlay->id) < 0)
		fail(round, overlay->name);
	overlay->held = ovl_node_by_path(tree, overlay->node);
	if (!overlay->held)
		fail(round, overlay->node);
}

static void take_away(ovl_tree *tree, struct overlay *overlay, long round, unsigned how)
{
	/* Let go before the removal, or hold across it and let go after. */
	if (how & 1) {
		ovl_node_put(overlay->held);
		overlay->held = NULL;
	}
	if (ovl_overlay_remove(tree, overlay->id, 0) < 0)
		fail(round, overlay->name);
	if (overlay->held) {
		char text[32];

		if (ovl_node_read_string(overlay->held, "compatible", 0, text, sizeof(text)) < 0)
			fail(round, "a held node cannot be read");
		if (ovl_tree_wait_released(tree, overlay->id, 0) != -ETIMEDOUT)
			fail(round, "released under its holder");
		ovl_node_put(overlay->held);
	}
	if (ovl_tree_wait_released(tree, overlay->id, 0) < 0)
		fail(round, "not released");
}

static long resident_kb(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv)
{
	char path[4096];
	void *before, *after;
	size_t size_before, size_after, used = 0;

	if (argc != 3)
		return fprintf(stderr, "usage: soak BOARDS ROUNDS\n"), 2;
	/* What malloc keeps for each thread counts as in use, and changes from round to round: do without. */
	if (!getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
		execv("/proc/self/exe", argv);
	}
	long rounds = atol(argv[2]);
	snprintf(path, sizeof(path), "%s/finch.dtb", argv[1]);
	ovl_tree *tree = ovl_tree_from_file(path, 0);
	if (!tree || ovl_tree_to_fdt(tree, &before, &size_before) < 0)
		fail(0, path);
	for (int i = 0; i < N; i++) {
		snprintf(path, sizeof(path), "%s/%s", argv[1], overlays[i].name);
		FILE *file = fopen(path, "rb");
		if (!file)
			return perror(path), 1;
		overlays[i].size = fread(overlays[i].blob, 1, sizeof(overlays[i].blob), file);
		fclose(file);
	}

	time_t said = time(NULL);
	srandom(1);
	/* Or its buffer would be counted too. */
	setvbuf(stdout, NULL, _IONBF, 0);
	for (long round = 0; round <= WARM_UP + rounds; round++) {
		unsigned dice = random();
		struct overlay *first = &overlays[dice & 1], *second = &overlays[!(dice & 1)];

		apply(tree, first, round);
		apply(tree, second, round);
		take_away(tree, dice & 2 ? first : second, round, dice >> 2);
		take_away(tree, dice & 2 ? second : first, round, dice >> 3);

		if (round == WARM_UP) {
			used = mallinfo2().uordblks;
			printf("soak: after %d rounds: %zu bytes in use, %ld kB resident\n", WARM_UP, used, resident_kb());
		} else if (round > WARM_UP && mallinfo2().uordblks > used + SLACK) {
			printf("soak: round %ld: %zu bytes in use, not %zu\n", round, mallinfo2().uordblks, used);
			return 1;
		}
		if (time(NULL) >= said + 10) {
			said = time(NULL);
			printf("soak: %ld of %ld rounds\n", round - WARM_UP, rounds);
		}
	}
	used = mallinfo2().uordblks;
	if (ovl_tree_to_fdt(tree, &after, &size_after) < 0 || size_after != size_before ||
	    memcmp(before, after, size_before))
		fail(rounds, "the tree is not what it was");
	printf("soak: %ld rounds of two overlays: %zu bytes in use, %ld kB resident, the tree is what it was\n", rounds,
	       used, resident_kb());
	ovl_free(before);
	ovl_free(after);
	ovl_tree_put(tree);
}
