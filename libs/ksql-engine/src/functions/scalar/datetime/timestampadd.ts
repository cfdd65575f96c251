import { timestampShift } from './shift.js';

export const timestampAdd = timestampShift('TIMESTAMPADD', 'A timestamp some time later.', 1);
