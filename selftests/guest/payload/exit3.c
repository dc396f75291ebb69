// SPDX-License-Identifier: GPL-2.0-only
/* Ends with the status it is told (status=, 3). */
#include "guest.h"

static void end(void)
{
	quit(arg("status", 3));
}

TESTS(
	{ "exit status", end },
);
