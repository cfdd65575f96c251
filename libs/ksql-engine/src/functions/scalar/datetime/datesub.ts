import { dateShift } from './shift.js';

export const dateSub = dateShift('DATESUB', 'A date some time earlier; only whole days count.', -1);
