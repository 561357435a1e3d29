import { checkFamilies } from './check-families.js';
import { GROUPS } from './groups.js';

// How bytes travel does not depend on what they say: profiles without streams of their own are left out.
checkFamilies(GROUPS.bytes, ['core', 'tools', 'errors', 'documents', 'thinking']);
