import { checkGroups } from './check.js';
import { ALONE, HALF } from './groups.js';

checkGroups(ALONE.slice(0, HALF).map((variant) => [variant]));
