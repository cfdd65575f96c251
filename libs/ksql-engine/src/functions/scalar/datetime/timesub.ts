import { timeShift } from './shift.js';

export const timeSub = timeShift('TIMESUB', 'A time of day some time earlier, before midnight from 24:00 down.', -1);
