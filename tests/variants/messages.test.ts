import { checkFamilies } from './check-families.js';
import { GROUPS } from './groups.js';

checkFamilies(GROUPS.messages);
