// SPDX-License-Identifier: GPL-2.0-only
/* Never ends: only for a VMM that has to be able to kill it. kind= 0..3 */
#include "guest.h"

static void loop(void)
{
	switch (arg("kind", 0)) {
	case 0:			/* interrupts off, no exit */
		asm volatile("b .");
		break;
	case 1:			/* the same with interrupts on */
		mtspr(22, 0x7fffffffffffffUL);
		ee_on();
		asm volatile("b .");
		break;
	case 2:			/* hypercalls without end */
		for (;;)
			hcall(H_PROD, 0);
		break;
	case 3:			/* ceded for ever */
		mtspr(22, 0x7fffffffffffffUL);
		for (;;)
			hcall(H_CEDE);
		break;
	case 4:			/* exceptions without end: the vector is no code */
		asm volatile("stw %1,0(%0); dcbst 0,%0; sync; icbi 0,%0; sync; isync"
			     : : "r"(0x700UL), "r"(0) : "memory");
		asm volatile(".long 0");
		break;
	case 5:			/* page faults without end: execution from nowhere */
		asm volatile("mtctr %0; bctr" : : "r"(1UL << 44));
		break;
	}
}

TESTS(
	{ "endless loop", loop },
);
