/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lifetimes: whoever holds something can read it, whatever becomes of the overlay and the tree; then it is freed. */
#include "fixtures.h"

#include <pthread.h>

#define SENSOR "/soc/i2c@b000/sensor@10"

static void reads_as_the_sensor(ovl_node *node)
{
	char buf[64];
	uint32_t reg = 0;

	ok_str(ovl_node_name(node), "sensor@10");
	ok_int(ovl_node_path(node, buf, sizeof(buf)), (int)strlen(SENSOR));
	ok_str(buf, SENSOR);
	ok_int(ovl_node_is_compatible(node, "holdfast,sensor"), 1);
	ok(ovl_node_read_string(node, "compatible", 0, buf, sizeof(buf)) >= 0);
	ok_str(buf, "holdfast,sensor");
	ok0(ovl_node_read_u32(node, "reg", &reg));
	ok_int(reg, 0x10);
	ok(ovl_node_phandle(node) != 0);
}

TEST("K3 get and put of NULL do nothing")
{
	ok(!ovl_tree_get(NULL) && !ovl_node_get(NULL) && !ovl_prop_get(NULL));
	ovl_tree_put(NULL);
	ovl_node_put(NULL);
	ovl_prop_put(NULL);
	ovl_free(NULL);
}

TEST("K1 get returns its argument, and each get wants its put")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/soc");
	ovl_prop *prop = ovl_node_prop(node, "compatible");
	char *held;

	ok(ovl_tree_get(tree) == tree && ovl_node_get(node) == node && ovl_prop_get(prop) == prop);
	ok_int(ovl_tree_holders(tree, &held), 2);
	ok_str(held, "base: node /soc: 2 references\nbase: property \"compatible\" of /soc: 2 references\n");
	ovl_free(held);
	ovl_tree_put(tree);
	ovl_node_put(node);
	ovl_prop_put(prop);
	ok_int(ovl_tree_holders(tree, &held), 2);
	ok_str(held, "base: node /soc: 1 reference\nbase: property \"compatible\" of /soc: 1 reference\n");
	ovl_free(held);
	ovl_node_put(node);
	ovl_prop_put(prop);
	close_tree(tree);
}

TEST("K2 O17 the last put frees, there and then")
{
	ovl_tree *tree = board();
	int id = apply(tree, load("sensor.dtbo"));
	ovl_node *node = at(tree, SENSOR), *again = ovl_node_get(node);

	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
	ovl_node_put(node);
	ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
	reads_as_the_sensor(again);
	ovl_node_put(again);
	ok0(ovl_tree_wait_released(tree, id, 0));
	close_tree(tree);
}

TEST("K5 the last reference may be dropped by the call that uses it")
{
	ovl_tree *tree = board();

	for (int i = 0; i < 2; i++) {
		int id = apply(tree, load("sensor.dtbo"));
		ovl_node *node = at(tree, SENSOR), *base = at(tree, "/soc");
		ovl_prop *prop = ovl_node_prop(node, "reg");

		ok0(ovl_overlay_remove(tree, id, 0));
		if (i == 0) {
			ovl_prop_put(prop);
			ok_errno(ovl_node_by_compatible(tree, node, "ns16550a"), ENODEV);
		} else {
			ovl_node_put(node);
			ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
			ok_errno(ovl_node_next_prop(base, prop), ENOENT);
		}
		ok0(ovl_tree_wait_released(tree, id, 0));
		ovl_node_put(base);
	}
	close_tree(tree);
}

TEST("O18 a removed node stays readable for its holder and is found by nobody")
{
	ovl_tree *tree = board();
	int id = apply(tree, load("sensor.dtbo"));
	ovl_node *node = at(tree, SENSOR);
	uint32_t phandle = ovl_node_phandle(node);

	reads_as_the_sensor(node);
	ok_int(ovl_node_is_attached(node), 1);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_node_is_attached(node), 0);
	reads_as_the_sensor(node);
	ok_int(ovl_node_origin(node), id);
	ok(!is_there(tree, SENSOR));
	ok_errno(ovl_node_by_phandle(tree, phandle), ENOENT);
	/* Another reference to it can still be taken. */
	ovl_node_put(ovl_node_get(node));
	reads_as_the_sensor(node);
	ovl_node_put(node);
	ok0(ovl_tree_wait_released(tree, id, 0));
	close_tree(tree);
}

TEST("O18 a path can be added again while the old node is held")
{
	ovl_tree *tree = board();
	int id = apply(tree, load("sensor.dtbo"));
	ovl_node *old = at(tree, SENSOR);

	ok0(ovl_overlay_remove(tree, id, 0));
	apply(tree, load("sensor.dtbo"));
	ovl_node *now = at(tree, SENSOR);
	ok(now != old && !ovl_node_is_attached(old) && ovl_node_is_attached(now));
	ok_str(ovl_node_name(old), ovl_node_name(now));
	reads_as_the_sensor(old);
	reads_as_the_sensor(now);
	ovl_node_put(old);
	reads_as_the_sensor(now);
	ovl_node_put(now);
	close_tree(tree);
}

TEST("O18 a path is added again 10,000 times, though 100 references to its nodes leak")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree), *sensor = load("sensor.dtbo");
	ovl_node *leaked[100];
	int ids[100], id;

	for (int round = 0; round < 10000; round++) {
		ok0(ovl_overlay_apply(tree, sensor->data, sensor->size, NULL, &id));
		if (round % 100 == 0) {
			leaked[round / 100] = at(tree, SENSOR);
			ids[round / 100] = id;
		}
		ok0(ovl_overlay_remove(tree, id, 0));
		/* What nobody holds is gone at once. */
		if (round % 100 == 1)
			ok0(ovl_tree_wait_released(tree, id, 0));
	}
	ok_same(tree, before);
	for (int i = 0; i < 100; i++) {
		reads_as_the_sensor(leaked[i]);
		ok_int(ovl_node_origin(leaked[i]), ids[i]);
		ok_int(ovl_tree_wait_released(tree, ids[i], 0), -ETIMEDOUT);
		ovl_node_put(leaked[i]);
		ok0(ovl_tree_wait_released(tree, ids[i], 0));
	}
	ok0(ovl_tree_wait_released(tree, 0, 0));
	close_tree(tree);
}

TEST("O18 a value that is held stays what it was, when it is replaced and when its overlay goes")
{
	ovl_tree *tree = board();
	ovl_node *bus = at(tree, "/soc/i2c");
	ovl_prop *slow = ovl_node_prop(bus, "clock-frequency");
	const void *data = ovl_prop_data(slow, NULL);
	int id = apply(tree, load("sensor.dtbo"));
	ovl_prop *fast = ovl_node_prop(bus, "clock-frequency");

	ok(fast != slow);
	ok(ovl_prop_data(slow, NULL) == data && !memcmp(data, "\0\1\x86\xa0", 4));
	ok(!memcmp(ovl_prop_data(fast, NULL), "\0\6\x1a\x80", 4));
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_str(ovl_prop_name(fast), "clock-frequency");
	ok(!memcmp(ovl_prop_data(fast, NULL), "\0\6\x1a\x80", 4));
	ok_int(ovl_prop_origin(fast), id);
	ok_int(ovl_tree_wait_released(tree, id, 0), -ETIMEDOUT);
	ovl_prop_put(fast);
	ok0(ovl_tree_wait_released(tree, id, 0));
	fast = ovl_node_prop(bus, "clock-frequency");
	ok(fast == slow);
	ovl_prop_put(fast);
	ovl_prop_put(slow);
	ovl_node_put(bus);
	close_tree(tree);
}

TEST("O18 nodes and values outlive the tree")
{
	ovl_tree *tree = board();
	apply(tree, load("sensor.dtbo"));
	ovl_node *sensor = at(tree, SENSOR), *uart = at(tree, "serial0");
	ovl_prop *value = ovl_node_prop(uart, "clock-names");
	size_t len;

	ovl_tree_put(ovl_tree_get(tree));
	ok_int(ovl_node_is_attached(uart), 1);
	ovl_tree_put(tree);
	reads_as_the_sensor(sensor);
	ok_int(ovl_node_is_attached(sensor), 0);
	ok_int(ovl_node_is_attached(uart), 0);
	ok_int(ovl_node_match_string(uart, "clock-names", "bus"), 2);
	ok_errno(ovl_node_parent(uart), ENOENT);
	ok_errno(ovl_node_first_child(uart), ENOENT);
	ok_errno(ovl_node_next_sibling(uart), ENOENT);
	ok_errno(ovl_node_child(uart, "bluetooth"), ENODEV);
	ok_int(ovl_node_phandle_args(uart, "clocks", "#clock-cells", 0, NULL, NULL, NULL), -EINVAL);
	ovl_node_put(uart);
	ok(!memcmp(ovl_prop_data(value, &len), "baud\0none\0bus", 14) && len == 14);
	ovl_prop_put(value);
	reads_as_the_sensor(sensor);
	ovl_node_put(sensor);
}

TEST("K7 ids are never given out twice, not even by another tree")
{
	ovl_tree *a = board(), *b = board();
	struct blob *overlay = OVERLAY("&uart0 { x { }; };");
	int last = 0, of_a, of_b;

	for (int round = 0; round < 50; round++) {
		of_a = apply(a, overlay);
		ok(of_a > last);
		last = of_b = apply(b, overlay);
		ok(of_b > of_a);
		/* A stale id, or another tree's, is nobody's. */
		ok_int(ovl_overlay_remove(b, of_a, 0), -ENOENT);
		ok_int(ovl_overlay_name(b, of_a, NULL, 0), -ENOENT);
		ok0(ovl_overlay_remove(a, of_a, 0));
		ok0(ovl_overlay_remove(b, of_b, 0));
		ok_int(ovl_overlay_remove(a, of_a, 0), -ENOENT);
	}
	close_tree(b);
	b = board();
	ok(apply(b, overlay) > last);
	close_tree(b);
	close_tree(a);
}

TEST("O17 waiting for what is not removed, or never was")
{
	ovl_tree *tree = board(), *other = board();
	char sentence[64];
	int id;

	ok_error(ovl_tree_wait_released(tree, 1, 0), -ENOENT, "there never was an overlay 1 in this tree");
	ok_int(ovl_tree_wait_released(tree, -1, 0), -ENOENT);
	/* All that were removed: none were. */
	ok0(ovl_tree_wait_released(tree, 0, -1));
	ok0(apply_with(tree, load("sensor.dtbo"), 0, "hat", &id));
	snprintf(sentence, sizeof(sentence), "overlay %d (hat) is still applied", id);
	ok_error(ovl_tree_wait_released(tree, id, -1), -EBUSY, sentence);
	ok_int(ovl_tree_wait_released(other, id, -1), -ENOENT);
	/* Holding what is applied, or of the base, keeps nobody waiting for what was removed. */
	ovl_node *node = at(tree, SENSOR), *base = at(tree, "/soc");
	ok0(ovl_tree_wait_released(tree, 0, 0));
	ovl_node_put(base);
	ovl_node_put(node);
	close_tree(other);
	close_tree(tree);
}

TEST("O17 K6 a wait that times out lists what is held, and with tracking on by whom")
{
	ovl_tree *tree = board();
	char wanted[256];
	int id;

	ok0(ovl_set_tracking(1));
	ok0(ovl_set_tag("the reader"));
	id = apply(tree, load("sensor.dtbo"));
	ovl_node *first = at(tree, SENSOR), *second = ovl_node_get(first);
	ok0(ovl_set_tag(NULL));
	ovl_prop *reg = ovl_node_prop(first, "reg");
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_int(ovl_tree_wait_released(tree, id, 20), -ETIMEDOUT);
	snprintf(wanted, sizeof(wanted), "still held:\noverlay %d: node " SENSOR ": 2 references (the reader, thread ", id);
	ok_contains(ovl_last_error(), wanted);
	ok_contains(ovl_last_error(), ": 2)\n");
	snprintf(wanted, sizeof(wanted), "\noverlay %d: property \"reg\" of " SENSOR ": 1 reference (no tag, thread ", id);
	ok_contains(ovl_last_error(), wanted);

	char *held;
	ok_int(ovl_tree_holders(tree, &held), 2);
	/* The same list, behind "still held:". */
	ok_str(strchr(ovl_last_error(), '\n') + 1, held);
	ovl_free(held);
	ovl_prop_put(reg);
	ovl_node_put(second);
	ok_int(ovl_tree_holders(tree, &held), 1);
	ok_contains(held, ": 1 reference (the reader, thread ");
	ovl_free(held);
	ovl_node_put(first);
	ok0(ovl_set_tracking(0));
	ok0(ovl_tree_wait_released(tree, id, 0));
	close_tree(tree);
}

static void hear(int level, const char *message, void *said)
{
	(void)level;
	snprintf(said, 256, "%s", message);
}

TEST("K6 who puts what another one took is named, and what it was by the name that the header has for it")
{
	char said[256] = "";

	ok0(ovl_set_log_callback(hear, said, NULL));
	ok0(ovl_set_tracking(1));
	ok0(ovl_set_tag("owner"));
	ovl_tree *tree = board();
	ovl_changeset *changes = ovl_changeset_new(ovl_tree_get(tree));
	ok0(ovl_set_tag("thief"));
	ovl_tree_put(tree);
	ok(strstr(said, "ovl_tree at 0x") == said);
	ok_contains(said, ": put by thief, who holds none; owner loses the reference");
	ovl_changeset_put(changes);
	ok(strstr(said, "ovl_changeset at 0x") == said);
	ok0(ovl_set_tag(NULL));
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	ok0(ovl_set_tracking(0));
	ovl_tree_put(tree);
}

TEST("K6 at level 2 the holders' list has backtraces, and there is no level 3")
{
	ovl_tree *tree = board();
	char *held;

	ok0(ovl_set_tracking(2));
	ovl_node *node = at(tree, "/soc");
	ok(ovl_tree_holders(tree, &held) >= 1);
	ok_contains(held, "base: node /soc: 1 reference (no tag, thread ");
	ok(strchr(held, '\n')[1]);
	ovl_free(held);
	ovl_node_put(node);
	ok_error(ovl_set_tracking(3), -EINVAL, "level is 3, and 2 is the highest");
	ok_int(ovl_set_tag("\xff"), -EINVAL);
	ok0(ovl_set_tracking(0));
	close_tree(tree);
}

TEST("K6 HOLDFAST_TRACK tracks from the start")
{
	char *held;

	if (!getenv("HOLDFAST_TRACK")) {
		ok0(again_with("HOLDFAST_TRACK", "K6 HOLDFAST_TRACK"));
		return;
	}
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/soc");
	ok_int(ovl_tree_holders(tree, &held), 1);
	ok_contains(held, "base: node /soc: 1 reference (no tag, thread ");
	ovl_free(held);
	ovl_node_put(node);
	close_tree(tree);
}

struct wait {
	ovl_tree *tree;
	int id, result;
};

static void *wait_forever(void *data)
{
	struct wait *wait = data;

	wait->result = ovl_tree_wait_released(wait->tree, wait->id, -1);
	return NULL;
}

TEST("O17 K2 a release wakes all who wait for it, and nobody else")
{
	ovl_tree *tree = board();
	pthread_t threads[4];
	struct wait waits[4];
	int first = apply(tree, load("sensor.dtbo")), second;
	ovl_node *one = at(tree, SENSOR);

	ok0(ovl_overlay_remove(tree, first, 0));
	second = apply(tree, load("sensor.dtbo"));
	ovl_node *two = at(tree, SENSOR);
	ok0(ovl_overlay_remove(tree, second, 0));
	for (int i = 0; i < 4; i++) {
		waits[i] = (struct wait){tree, i < 3 ? first : 0, 1};
		ok0(pthread_create(&threads[i], NULL, wait_forever, &waits[i]));
	}
	usleep(20000);
	ovl_node_put(one);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		ok0(waits[i].result);
	}
	/* The fourth waits for both. */
	ok_int(ovl_tree_wait_released(tree, 0, 0), -ETIMEDOUT);
	ovl_node_put(two);
	pthread_join(threads[3], NULL);
	ok0(waits[3].result);
	close_tree(tree);
}
