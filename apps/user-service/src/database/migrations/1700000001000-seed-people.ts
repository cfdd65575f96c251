import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Username, full name, city, hot above (°F), cold below (°F), air quality limit. */
const people: readonly (readonly [string, string, string, number, number, number])[] = [
  ['amara.okafor', 'Amara Okafor', 'new-york-ny', 86, 35, 100],
  ['ben.goldstein', 'Ben Goldstein', 'new-york-ny', 90, 28, 150],
  ['lucia.fernandez', 'Lucía Fernández', 'new-york-ny', 82, 40, 75],
  ['kenji.watanabe', 'Kenji Watanabe', 'los-angeles-ca', 92, 48, 100],
  ['maria.delgado', 'Maria Delgado', 'los-angeles-ca', 88, 50, 60],
  ['tyler.brooks', 'Tyler Brooks', 'los-angeles-ca', 95, 45, 150],
  ['grace.kowalski', 'Grace Kowalski', 'chicago-il', 85, 20, 100],
  ['omar.haddad', 'Omar Haddad', 'chicago-il', 90, 32, 80],
  ['ruth.jackson', 'Ruth Jackson', 'chicago-il', 80, 38, 50],
  ['wei.chen', 'Wei Chen', 'san-francisco-ca', 78, 46, 100],
  ['sofia.rossi', 'Sofia Rossi', 'san-francisco-ca', 75, 50, 70],
  ['jamal.carter', 'Jamal Carter', 'san-francisco-ca', 82, 42, 150],
  ['isabel.cruz', 'Isabel Cruz', 'miami-fl', 93, 55, 100],
  ['noah.stein', 'Noah Stein', 'miami-fl', 90, 60, 80],
  ['priya.raman', 'Priya Raman', 'miami-fl', 95, 58, 150],
];

/** Three people in each of the default cities, once: whoever is deleted stays away. */
export class SeedPeople1700000001000 implements MigrationInterface {
  readonly name = 'SeedPeople1700000001000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [username, fullName, cityKey, tempHighF, tempLowF, aqiLimit] of people)
      await queryRunner.query(
        `INSERT INTO users (username, full_name, email, city_key, temp_high_f, temp_low_f, aqi_limit)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (username) DO NOTHING`,
        [username, fullName, `${username}@isobar.example`, cityKey, tempHighF, tempLowF, aqiLimit],
      );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DELETE FROM users WHERE username = ANY($1)', [people.map(([username]) => username)]);
  }
}
