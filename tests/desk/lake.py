"""The made-up city that atlas and desk are tried on, of whose programmes one is in force."""

import small

CITY = (*small.LAKESIDE, "calibrated=false", f"{small.SPIN_UP}=0", "targets=[lakeside]", "figures=[]")
PROGRAMME = ("policy=[returnee_programme]", "policy.returnee_programme.start=2006Q1")
CLOCKS = "clocks={past:[2007Q1,2008Q4],ahead:[2008Q1,2008Q4]}"
