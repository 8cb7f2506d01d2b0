/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The log callback: who hears what, and when its user data is destroyed. */
#include "fixtures.h"

#include <fcntl.h>
#include <pthread.h>

/* What a callback was told. */
struct heard {
	int messages, level, destroyed;
	char text[256];
	pthread_t thread;
};

static void hear(int level, const char *message, void *user_data)
{
	struct heard *heard = user_data;

	heard->messages++;
	heard->level = level;
	heard->thread = pthread_self();
	snprintf(heard->text, sizeof(heard->text), "%s", message);
}

static void destroy(void *user_data)
{
	((struct heard *)user_data)->destroyed++;
}

/*
 * All that the library has to say is that a program is wrong. So a node is put once too often, in a way that touches
 * nothing but its count: the other node of the same overlay keeps their common memory.
 */
static void *put_too_often(void *unused)
{
	ovl_tree *tree = tree_of(TREE("/ { };"));
	int id = apply(tree, OVERLAY("&{/} { a { }; b { }; };"));
	ovl_node *a = at(tree, "/a"), *b = at(tree, "/b");

	ok0(ovl_overlay_remove(tree, id, 0));
	ovl_node_put(a);
	ovl_node_put(a);
	ovl_node_put(b);
	ok0(ovl_tree_wait_released(tree, id, 0));
	close_tree(tree);
	return unused;
}

TEST("K1 a put too many is reported to the log callback, and changes nothing")
{
	struct heard heard = {0};

	ok0(ovl_set_log_callback(hear, &heard, destroy));
	put_too_often(NULL);
	ok_int(heard.messages, 1);
	ok_int(heard.level, 3);
	ok_contains(heard.text, "put without a reference");
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
}

TEST("an ordinary life is silent")
{
	struct heard heard = {0};
	ovl_tree *tree;

	ok0(ovl_set_log_callback(hear, &heard, NULL));
	tree = board();
	ok0(ovl_overlay_remove(tree, apply(tree, load("sensor.dtbo")), 0));
	ok_errno(ovl_node_by_path(tree, "/nowhere"), ENOENT);
	close_tree(tree);
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	ok_int(heard.messages, 0);
}

TEST("the log callback runs on the thread that has something to say")
{
	struct heard heard = {0};
	pthread_t other;

	ok0(ovl_set_log_callback(hear, &heard, destroy));
	ok0(pthread_create(&other, NULL, put_too_often, NULL));
	pthread_join(other, NULL);
	ok_int(heard.messages, 1);
	ok(pthread_equal(heard.thread, other));
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	ok_int(heard.destroyed, 1);
}

TEST("user data is destroyed once, when another callback takes the place")
{
	struct heard first = {0}, second = {0}, third = {0};

	ok0(ovl_set_log_callback(hear, &first, destroy));
	ok_int(first.destroyed, 0);
	ok0(ovl_set_log_callback(hear, &second, destroy));
	ok_int(first.destroyed, 1);
	put_too_often(NULL);
	ok(first.messages == 0 && second.messages == 1);
	/* Without a destroy function there is nothing to call. */
	ok0(ovl_set_log_callback(hear, &third, NULL));
	ok_int(second.destroyed, 1);
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	ok(first.destroyed == 1 && second.destroyed == 1 && third.destroyed == 0);
}

TEST("user data without a callback is destroyed at once")
{
	struct heard heard = {0};

	ok0(ovl_set_log_callback(NULL, &heard, destroy));
	ok_int(heard.destroyed, 1);
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	ok_int(heard.destroyed, 1);
}

static int stderr_before, pipe_end;

static void catch_stderr(void)
{
	int ends[2];

	ok0(pipe(ends));
	ok0(fcntl(ends[0], F_SETFL, O_NONBLOCK));
	stderr_before = dup(2);
	pipe_end = ends[0];
	dup2(ends[1], 2);
	close(ends[1]);
}

static const char *caught(void)
{
	static char room[1024];
	ssize_t length;

	dup2(stderr_before, 2);
	close(stderr_before);
	length = read(pipe_end, room, sizeof(room) - 1);
	close(pipe_end);
	room[length > 0 ? length : 0] = '\0';
	return room;
}

TEST("without a callback messages go nowhere")
{
	if (getenv("HOLDFAST_LOG"))
		skip("HOLDFAST_LOG asks for messages");
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	catch_stderr();
	put_too_often(NULL);
	ok_str(caught(), "");
}

TEST("HOLDFAST_LOG sends messages to standard error")
{
	if (!getenv("HOLDFAST_LOG")) {
		ok0(again_with("HOLDFAST_LOG", "HOLDFAST_LOG sends"));
		return;
	}
	catch_stderr();
	put_too_often(NULL);
	const char *said = caught();
	ok_contains(said, "ovl: ");
	ok_contains(said, "put without a reference\n");
}

/* A callback that calls the library, and at last takes itself away. */
static void hear_and_leave(int level, const char *message, void *user_data)
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/soc");

	ovl_node_put(node);
	close_tree(tree);
	ok0(ovl_set_log_callback(NULL, NULL, NULL));
	/* It is still in here. */
	ok_int(((struct heard *)user_data)->destroyed, 0);
	hear(level, message, user_data);
}

TEST("K2 K5 a callback may call the library, also to take itself away")
{
	struct heard heard = {0};

	ok0(ovl_set_log_callback(hear_and_leave, &heard, destroy));
	put_too_often(NULL);
	ok(heard.messages == 1 && heard.destroyed == 1);
	put_too_often(NULL);
	ok(heard.messages == 1 && heard.destroyed == 1);
}
