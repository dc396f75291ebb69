// SPDX-License-Identifier: GPL-2.0-only
/* The guest's terminal: standard output, and standard input when it has some. */
#include <poll.h>
#include <unistd.h>

#include "vmm.h"

void console_put(struct machine *m, const char *text, size_t length)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	if (m->o->quiet)
		return;
	pthread_mutex_lock(&lock);
	fwrite(text, 1, length, stdout);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

int console_get(char *text, size_t size)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t got;

	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLIN))
		return 0;
	got = read(STDIN_FILENO, text, size);
	return got > 0 ? got : 0;
}
