/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of the system that several components of a program have at once, and other programs want (G3). */
#include "board.h"
#include "gpio/sharing.h"

TEST("G3 sharing is this program's: what another one has is EBUSY, shared or not, and the other way round")
{
	struct gpio_v2_line_request theirs = {.num_lines = 1, .offsets = {0}, .config.flags = GPIO_V2_LINE_FLAG_INPUT};

	plug();
	int line = stranger(0, 1, GPIO_V2_LINE_FLAG_OUTPUT);
	ok_errno(gpiodref_request(chip, 0, ENABLE(), "camera"), EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"stranger\"");
	close(line);
	gpiodref_desc *one = request(0, ENABLE(), "camera");
	int node = open(board.path, O_RDWR | O_CLOEXEC);
	errno = 0;
	ok_int(ioctl(node, GPIO_V2_GET_LINE_IOCTL, &theirs), -1);
	ok_int(errno, EBUSY);
	close(node);
	gpiodref_put(one);
	let_go();
}
