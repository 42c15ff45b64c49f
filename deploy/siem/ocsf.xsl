<?xml version="1.0" encoding="UTF-8"?>
<!-- An audit export as OCSF 1.1 events (class 6003, API Activity), one JSON object a line: xsltproc ocsf.xsl audit.xml -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:a="urn:strongroom:audit-export:1" exclude-result-prefixes="a">
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:template match="/"><xsl:apply-templates select="a:audit-export/a:events/a:event"/></xsl:template>
  <xsl:template match="a:event">
    <xsl:variable name="e" select="a:EventIdentification"/>
    <xsl:variable name="p" select="a:ActiveParticipant"/>
    <xsl:variable name="o" select="a:ParticipantObjectIdentification"/>
    <xsl:variable name="activity"><xsl:choose>
      <xsl:when test="starts-with($e/@action, 'CREATE') or contains($e/@action, '_CREATE')">1</xsl:when>
      <xsl:when test="$e/@action = 'RESOLVE' or starts-with($e/@action, 'AUDIT_') or $e/@action = 'BUNDLE'">2</xsl:when>
      <xsl:when test="starts-with($e/@action, 'ROTATE')">3</xsl:when>
      <xsl:when test="contains($e/@action, 'REVOKE')">4</xsl:when>
      <xsl:otherwise>99</xsl:otherwise></xsl:choose></xsl:variable>
    <xsl:text>{"class_uid":6003,"class_name":"API Activity","category_uid":6,"category_name":"Application Activity","activity_id":</xsl:text><xsl:value-of select="$activity"/>
    <xsl:text>,"type_uid":</xsl:text><xsl:value-of select="600300 + $activity"/>
    <xsl:text>,"time_dt":"</xsl:text><xsl:value-of select="$e/@time"/>
    <xsl:text>","severity_id":</xsl:text><xsl:choose><xsl:when test="$e/@outcome = 'succeeded'">1</xsl:when><xsl:otherwise>3</xsl:otherwise></xsl:choose>
    <xsl:text>,"status_id":</xsl:text><xsl:choose><xsl:when test="$e/@outcome = 'succeeded'">1</xsl:when><xsl:otherwise>2</xsl:otherwise></xsl:choose>
    <xsl:text>,"status":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$e/@outcome"/></xsl:call-template>
    <xsl:text>,"status_detail":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$e/@error"/></xsl:call-template>
    <xsl:text>,"actor":{"user":{"name":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$p/@label"/></xsl:call-template>
    <xsl:text>,"type":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$p/@kind"/></xsl:call-template>
    <xsl:text>,"uid":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$p/@id"/></xsl:call-template>
    <xsl:text>}},"api":{"operation":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$e/@action"/></xsl:call-template>
    <xsl:text>,"service":{"name":"strongroom"}},"resources":[{"type":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$o/@kind"/></xsl:call-template>
    <xsl:text>,"uid":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$o/@id"/></xsl:call-template>
    <xsl:text>,"namespace":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$o/@scope"/></xsl:call-template>
    <xsl:text>,"name":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$o/@name"/></xsl:call-template>
    <xsl:text>,"version":</xsl:text><xsl:call-template name="s"><xsl:with-param name="t" select="$o/@version"/></xsl:call-template>
    <xsl:text>}],"unmapped":{"masked":</xsl:text><xsl:choose><xsl:when test="*/@masked = 'yes'">true</xsl:when><xsl:otherwise>false</xsl:otherwise></xsl:choose>
    <xsl:text>},"metadata":{"version":"1.1.0","product":{"name":"Strongroom","vendor_name":"Strongroom"},"uid":"</xsl:text><xsl:value-of select="$e/@id"/>
    <xsl:text>","correlation_uid":"</xsl:text><xsl:value-of select="$e/@correlation"/>
    <xsl:text>","sequence":</xsl:text><xsl:value-of select="@leaf"/>
    <xsl:text>}}&#10;</xsl:text>
  </xsl:template>
  <!-- A JSON string. The controls that XML can say are these and U+007F, which JSON lets stand. -->
  <xsl:template name="s"><xsl:param name="t"/>
    <xsl:text>"</xsl:text><xsl:call-template name="esc"><xsl:with-param name="t" select="string($t)"/></xsl:call-template><xsl:text>"</xsl:text>
  </xsl:template>
  <xsl:template name="esc"><xsl:param name="t"/>
    <xsl:variable name="c" select="substring($t, 1, 1)"/>
    <xsl:choose>
      <xsl:when test="translate($t, '&quot;\&#9;&#10;&#13;', '') = $t"><xsl:value-of select="$t"/></xsl:when>
      <xsl:otherwise>
        <xsl:choose>
          <xsl:when test="$c = '&quot;'">\"</xsl:when><xsl:when test="$c = '\'">\\</xsl:when>
          <xsl:when test="$c = '&#9;'">\t</xsl:when><xsl:when test="$c = '&#10;'">\n</xsl:when><xsl:when test="$c = '&#13;'">\r</xsl:when>
          <xsl:otherwise><xsl:value-of select="$c"/></xsl:otherwise>
        </xsl:choose>
        <xsl:call-template name="esc"><xsl:with-param name="t" select="substring($t, 2)"/></xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
