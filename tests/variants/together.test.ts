import { checkGroups } from './check.js';
import { TOGETHER } from './groups.js';

checkGroups(TOGETHER);
