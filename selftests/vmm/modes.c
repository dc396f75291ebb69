#include "vmm.h"
int one_reg_test(struct options *o) { return 1; }
int api_test(struct options *o) { return 1; }
int fuzz_ioctl(struct options *o, unsigned int s) { return 1; }
int cycles(struct options *o) { return 1; }
