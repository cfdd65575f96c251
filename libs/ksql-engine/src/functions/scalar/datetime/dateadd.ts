import { dateShift } from './shift.js';

export const dateAdd = dateShift('DATEADD', 'A date some time later; only whole days count.', 1);
