/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of a simulated chip. */
#include "fixtures.h"
#include "gpio/lines.h"

TEST("G7 a consumer's name may be empty")
{
	plug();
	gpiodref_desc *desc = request(0, NULL, "");
	ok_str(gpiodref_desc_consumer(desc), "");
	ok_int(info_of(chip, 0).used, 1);
	ok_errno(gpiodref_request(chip, 0, NULL, "test"), EBUSY);
	ok_contains(gpiodref_last_error(), "held by \"somebody without a name\"");
	gpiodref_put(desc);
	unplug_and_let_go();
}

TEST("a simulated line costs no file descriptor until somebody wants to wait for it")
{
	plug();
	int before = open_fds();
	gpiodref_desc *desc = request(0, EDGES(), "test");

	ok_int(gpiodref_get_value(desc), 0);
	ok_int(open_fds(), before);
	ok(gpiodref_fd(desc) >= 0);
	ok(fcntl(gpiodref_fd(desc), F_GETFD) & FD_CLOEXEC);
	ok(fcntl(gpiodref_fd(desc), F_GETFL) & O_NONBLOCK);
	ok(open_fds() > before);
	gpiodref_put(desc);
	ok_int(open_fds(), before);
	unplug_and_let_go();
}

TEST("EMFILE is told, and nothing is broken by it")
{
	struct rlimit limit, none;

	plug();
	struct account before = account();
	gpiodref_desc *desc = request(3, EDGES(), "test");
	ok0(getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 3;
	ok0(setrlimit(RLIMIT_NOFILE, &none));
	int fd = gpiodref_fd(desc), wait = gpiodref_wait(desc, 0), chip_fd = gpiodref_chip_fd(chip);
	errno = 0;
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	int watch_errno = errno;
	gpiodref_desc *shared = gpiodref_request(chip, 0, EDGES(.flags = SHARED), "test");
	int shared_errno = errno;
	ok0(setrlimit(RLIMIT_NOFILE, &limit));
	ok_int(fd, -EMFILE);
	ok_int(wait, -EMFILE);
	ok_int(chip_fd, -EMFILE);
	ok(!watch);
	ok_int(watch_errno, EMFILE);
	ok(!shared);
	ok_int(shared_errno, EMFILE);

	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_TIMEOUT);
	pull(3, 1);
	ok_int(gpiodref_wait(desc, 0), GPIODREF_WAIT_EVENT);
	ok_holder(0, "");
	gpiodref_put(desc);
	ok_same(before);
	unplug_and_let_go();
}
