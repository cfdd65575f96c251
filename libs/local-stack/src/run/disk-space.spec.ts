import { describe, expect, it } from '@jest/globals';
import { judgeDisk } from './disk-space.js';

const withFree = (freeMb: number) => judgeDisk(['/home/data'], () => freeMb);

describe('the room for data', () => {
  it('is full, low, or no matter', () => {
    expect(withFree(0)).toEqual({ full: expect.stringMatching(/no space left in \/home\/data \(0 MB free/) });
    expect(withFree(100)).toEqual({ low: 'only 100 MB of disk are free in /home/data' });
    expect(withFree(5000)).toEqual({});
  });

  it('is that of the folder that has least, and not that of one which is absent', () => {
    const free = (folder: string): number => {
      if (folder === 'absent') throw new Error('ENOENT');
      return folder === 'full' ? 1 : 5000;
    };
    expect(judgeDisk(['absent', 'wide', 'full'], free).full).toContain('full');
    expect(judgeDisk(['absent'], free)).toEqual({});
  });
});
