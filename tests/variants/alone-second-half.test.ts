import { checkGroups } from './check.js';
import { ALONE, HALF } from './groups.js';

checkGroups(ALONE.slice(HALF).map((variant) => [variant]));
