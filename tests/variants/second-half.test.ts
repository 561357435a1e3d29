import { checkGroups } from './check.js';
import { GROUPS } from './groups.js';

checkGroups(GROUPS.filter((_, index) => index % 2 === 1));
