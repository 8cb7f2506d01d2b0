/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * make ends with 2 whenever a command of its fails, but `make vm-run CMD='…'` promises the command's own exit code. So
 * make loads this while it still reads its rules, and becomes the shell script $(VM_RUN), with CMD as it was written.
 */
#include <gnumake.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int plugin_is_GPL_compatible;

int become_gmk_setup(void);
int become_gmk_setup(void)
{
	execl("/bin/sh", "sh", "-c", gmk_expand("$(VM_RUN)"), "sh", gmk_expand("$(value CMD)"), (char *)NULL);
	perror("/bin/sh");
	exit(125);
}
