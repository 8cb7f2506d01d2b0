/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Readers beside a writer, and handles passed between threads. Under ThreadSanitizer too: SANITIZE=thread. */
#include <errno.h>
#include <ovl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define TAP_EXPLAIN ovl_last_error
#include "tap.h"

#define THERMOMETER "/soc/i2c@30000/thermometer@48"
enum { READERS = 3, ROUNDS = 300 };

static ovl_tree *tree;
static char hat[1 << 14];
static size_t hat_size;
static void *before, *after;
static size_t size_before, size_after;
static atomic_int writing;

static void load(void)
{
	FILE *file = fopen(DTS_DIR "/boards/sensor-hat.dtbo", "rb");

	tree = ovl_tree_from_file(DTS_DIR "/boards/finch.dtb", 0);
	ok(tree && file);
	hat_size = fread(hat, 1, sizeof(hat), file);
	fclose(file);
}

/* The writer's life: the overlay comes and goes, while the readers run `read`. */
static void beside_a_writer(void *(*read)(void *))
{
	pthread_t readers[READERS];

	atomic_store(&writing, 1);
	for (int i = 0; i < READERS; i++)
		ok0(pthread_create(&readers[i], NULL, read, NULL));
	for (int round = 0; round < ROUNDS && !tap_failed; round++) {
		int id;

		ok0(ovl_overlay_apply(tree, hat, hat_size, NULL, &id));
		ok0(ovl_overlay_remove(tree, id, 0));
	}
	atomic_store(&writing, 0);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
}

/* The whole tree at once: it is one of the two that there are. */
static void *read_all(void *unused)
{
	while (atomic_load(&writing)) {
		void *now = NULL;
		size_t size = 0;

		ok0(ovl_tree_to_fdt(tree, &now, &size));
		ok((size == size_before && !memcmp(now, before, size)) ||
		   (size == size_after && !memcmp(now, after, size)));
		ovl_free(now);
	}
	return unused;
}

TEST("O23 readers see the tree before or after an overlay, never between")
{
	int id;

	load();
	ok0(ovl_tree_to_fdt(tree, &before, &size_before));
	ok0(ovl_overlay_apply(tree, hat, hat_size, NULL, &id));
	ok0(ovl_tree_to_fdt(tree, &after, &size_after));
	ok0(ovl_overlay_remove(tree, id, 0));
	ok(size_before != size_after);
	beside_a_writer(read_all);
	ovl_free(before);
	ovl_free(after);
	ovl_tree_put(tree);
}

/* One node: it is there or it is not; once held it is readable, whatever the writer does. */
static void *read_one(void *unused)
{
	while (atomic_load(&writing)) {
		char compatible[32];
		ovl_node *node = ovl_node_by_path(tree, THERMOMETER);

		if (!node) {
			ok_int(errno, ENOENT);
			continue;
		}
		ok(ovl_node_read_string(node, "compatible", 0, compatible, sizeof(compatible)) >= 0);
		ok_str(compatible, "ti,tmp102");
		ok_str(ovl_node_name(node), "thermometer@48");
		/* Another holder, for a moment. */
		ovl_node_put(ovl_node_get(node));
		ovl_node_put(node);
	}
	return unused;
}

TEST("O18 O23 a node that was found stays readable, though a writer takes it away")
{
	char *holders;

	load();
	beside_a_writer(read_one);
	ok(ovl_tree_holders(tree, &holders) >= 0);
	ok_str(holders, "");
	ovl_free(holders);
	ovl_tree_put(tree);
}

static void *put_later(void *node)
{
	usleep(20000);
	ovl_node_put(node);
	return NULL;
}

TEST("O17 waiting ends when another thread drops the last reference")
{
	pthread_t other;
	int id;

	load();
	ok0(ovl_overlay_apply(tree, hat, hat_size, NULL, &id));
	ovl_node *node = ovl_node_by_path(tree, THERMOMETER);
	ok(node);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
	ok0(pthread_create(&other, NULL, put_later, node));
	ok0(ovl_tree_wait_released(tree, id, 10000));
	pthread_join(other, NULL);
	ovl_tree_put(tree);
}
