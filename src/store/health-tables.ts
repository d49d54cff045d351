/** Rows that are rolled up for the pages of health: part of `Tables`. */
export interface HealthTables {
  health_hour: {
    provider_id: string
    hour: Date
    kind: string
    reason: string
    rule_id: string
    visited_plmn: string
    count: number
    last_at: Date
  }
  health_sim: { provider_id: string; kind: string; day: string; reason: string; imsi: string; count: number; last_at: Date }
  equipment_seen: {
    imsi: string
    provider_id: string
    imei: string | null
    software_version: string | null
    rat_type: number | null
    visited_plmn: string
    network_proven: boolean
    first_at: Date
    seen_at: Date
  }
  equipment_change: {
    imsi: string
    day: string
    outcome: string
    to_imei: string
    from_imei: string
    provider_id: string
    visited_plmn: string
    count: number
    first_at: Date
    last_at: Date
  }
  service_availability: {
    service_id: string
    step_s: number
    at: Date
    visited_plmn: string
    provider_id: string
    got_in: number
    kept_out: number
    refused: number
  }
  health_due: { provider_id: string; kind: string; subject: string; name: string; due_at: Date | null; checked_at: Date }
}
