// SPDX-License-Identifier: GPL-2.0-only
/* Machines made, run and destroyed, one after the other. */
#include <dirent.h>

#include "vmm.h"
#include "tap.h"

static unsigned int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

int cycles(struct options *o)
{
	static struct machine m;
	unsigned int i, files = open_files();
	int status = 0;

	if (!o->payload)
		die(STATUS_USAGE, "--cycles needs --payload");
	o->quiet = true;
	tap_begin();
	for (i = 0; i < o->cycles && !status; i++) {
		machine_make(&m, o);
		load_elf(&m, o->payload);
		make_fdt(&m);
		status = machine_run(&m);
		machine_free(&m);
	}
	tap(!status, "%u of %u machines ran and ended (status %d)", i, o->cycles, status);
	tap(open_files() == files, "no file is left open");
	return tap_end();
}
