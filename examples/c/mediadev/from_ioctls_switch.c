/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_ioctls_switch BUS SOURCE PAD SINK PAD ON: enables or disables the link between two pads. */
#include <mediadev.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 7)
		return fprintf(stderr, "usage: from_ioctls_switch BUS SOURCE PAD SINK PAD ON\n"), 1;
	char links[512];
	mediadev_node *node = mediadev_open(argv[1]);

	/* As media-ctl's -l takes it; any number of links, with commas between them. */
	snprintf(links, sizeof(links), "'%s':%s -> '%s':%s [%s]", argv[2], argv[3], argv[4], argv[5], argv[6]);
	int error = node ? mediadev_setup_links(node, links) : -1;
	if (error < 0)
		fprintf(stderr, "switch: %s\n", mediadev_last_error());
	mediadev_node_put(node);
	return error < 0;
}
