import { storesContract } from '../../testing/stores-contract.js';
import { memoryStores } from '../store-factory.js';

storesContract('in memory', () => memoryStores(true));
