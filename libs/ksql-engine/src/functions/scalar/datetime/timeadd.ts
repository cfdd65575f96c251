import { timeShift } from './shift.js';

export const timeAdd = timeShift('TIMEADD', 'A time of day some time later, past midnight from 00:00 on.', 1);
