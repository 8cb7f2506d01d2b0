/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Readers beside writers, and handles passed between threads. Under ThreadSanitizer too: SANITIZE=thread. */
#include "fixtures.h"

#include <pthread.h>
#include <stdatomic.h>

#define THERMOMETER "/soc/i2c@30000/thermometer@48"
enum { READERS = 3, ROUNDS = 300 };

static ovl_tree *tree;
static struct blob *hat, *before, *after;
static atomic_int writing;

static void open_tree(void)
{
	tree = tree_of(load("boards/finch.dtb"));
	hat = load("boards/sensor-hat.dtbo");
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

		ok0(ovl_overlay_apply(tree, hat->data, hat->size, NULL, &id));
		ok0(ovl_overlay_remove(tree, id, 0));
	}
	atomic_store(&writing, 0);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
}

/* The whole tree at once: it is one of the two that there are. */
static void *read_whole(void *unused)
{
	while (atomic_load(&writing)) {
		void *now = NULL;
		size_t size = 0;

		ok0(ovl_tree_to_fdt(tree, &now, &size));
		ok((size == before->size && !memcmp(now, before->data, size)) ||
		   (size == after->size && !memcmp(now, after->data, size)));
		ovl_free(now);
	}
	return unused;
}

TEST("O23 readers see the tree before or after an overlay, never between")
{
	open_tree();
	before = flatten(tree);
	int id = apply(tree, hat);
	after = flatten(tree);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok(before->size != after->size);
	beside_a_writer(read_whole);
	close_tree(tree);
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
	open_tree();
	beside_a_writer(read_one);
	close_tree(tree);
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

	open_tree();
	int id = apply(tree, hat);
	ovl_node *node = at(tree, THERMOMETER);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
	ok0(pthread_create(&other, NULL, put_later, node));
	ok0(ovl_tree_wait_released(tree, id, 10000));
	pthread_join(other, NULL);
	close_tree(tree);
}

/* Applies and removes an overlay of its own. */
static void *come_and_go(void *touch)
{
	const struct blob *overlay = touch;

	for (int round = 0; round < ROUNDS && !tap_failed; round++) {
		int id;

		ok0(ovl_overlay_apply(tree, overlay->data, overlay->size, NULL, &id));
		ok(id > 0);
		ok0(ovl_overlay_remove(tree, id, 0));
		ok_int(ovl_overlay_remove(tree, id, 0), -ENOENT);
	}
	return touch;
}

TEST("O12 O16 writers on one tree take turns, and each finds its own")
{
	pthread_t writers[3];

	open_tree();
	before = flatten(tree);
	/* Properties only, so that any number of it can be applied at once. */
	struct blob *touch = OVERLAY("&i2c0 { status = \"okay\"; clock-frequency = <400000>; touched; };");
	for (int i = 0; i < 3; i++)
		ok0(pthread_create(&writers[i], NULL, come_and_go, touch));
	for (int i = 0; i < 3; i++)
		pthread_join(writers[i], NULL);
	ok_int(ovl_overlay_next(tree, 0), 0);
	ok0(ovl_tree_wait_released(tree, 0, 0));
	ok_same(tree, before);
	close_tree(tree);
}
