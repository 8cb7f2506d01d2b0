/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * leak BASE.dtb OVERLAY.dtbo NODE: who forgets to put, and who puts what is somebody else's?
 *
 * Each component takes references under its own name. The library's log tells at once of a put by one who holds nothing; the list of
 * holders tells what is left.
 */
#include "common.h"

static void log_to_stdout(int level, const char *message, void *user_data)
{
	(void)user_data;
	printf("<%d> %s\n", level, message);
}

int main(int argc, char **argv)
{
	ovl_set_log_callback(log_to_stdout, NULL, NULL);
	ovl_set_tracking(1); /* or HOLDFAST_TRACK=1 in the environment; 2 for backtraces */

	ovl_tree *tree = argc == 4 ? ovl_tree_from_file(argv[1], 0) : NULL;
	if (!tree)
		give_up(argc == 4 ? argv[1] : "usage: leak BASE.dtb OVERLAY.dtbo NODE");
	int id = apply_file(tree, argv[2]);
	if (id < 0)
		give_up(argv[2]);

	ovl_set_tag("the thermal daemon");
	ovl_node *sensor = ovl_node_by_path(tree, argv[3]);
	ovl_node *again = ovl_node_get(sensor);
	if (!sensor)
		give_up(argv[3]);

	ovl_set_tag("the fan");
	ovl_node_put(again); /* it took none */

	ovl_set_tag(NULL);
	ovl_overlay_remove(tree, id, 0);
	char *report;
	if (ovl_tree_holders(tree, &report) > 0)
		printf("%s", report);
	ovl_free(report);

	ovl_node_put(sensor);
	ovl_tree_put(tree);
}
